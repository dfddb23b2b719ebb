/** Wraps a ticket screen so that it is only drawn once ticket, policy and person are on the phone. */
import '@/styles/screens.css'
import { defineComponent, h, type Component } from 'vue'
import TicketFrame from '@/tickets/TicketFrame.vue'

export function framed(screen: Component): Component {
  return defineComponent({
    name: 'FramedScreen',
    props: { id: { type: String, required: true } },
    // A fresh instance per ticket: from 900 px the list stays beside it, and a form must not keep the last ticket's words.
    setup: (props) => () => h(TicketFrame, { key: props.id, id: props.id, screen }),
  })
}
