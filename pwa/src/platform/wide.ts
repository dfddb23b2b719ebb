import { ref } from 'vue'

const query = window.matchMedia('(min-width: 900px)')
/** Room for two panes. */
export const wide = ref(query.matches)
const note = () => { wide.value = query.matches }
if (query.addEventListener) query.addEventListener('change', note)
else query.addListener(note)
