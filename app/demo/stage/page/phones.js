/* The demonstration's phones. Text only ever goes in as text. */
'use strict'
const LABELS = { wechat: '微信', wecom: '企业微信', sms: '短信', mail: '邮件', dingtalk: '钉钉群', feishu: '飞书群', wecombot: '企业微信群' }
const SHARED = ['mail', 'dingtalk', 'feishu', 'wecombot']
const ROUND = 1500
const $ = (id) => document.getElementById(id)
const seen = []
let last = 0
let towns = []
let climbing = null
/** By how much the server's clock is ahead of this one. */
let ahead = 0

function made(tag, text, name) {
  const element = document.createElement(tag)
  if (text) element.textContent = text
  if (name) element.className = name
  return element
}
async function ask(path, options) {
  const answer = await fetch(`/demo${path}`, options)
  const body = await answer.json().catch(() => ({}))
  if (!answer.ok) throw new Error(body.detail || '没有完成，请稍后再试。')
  return body
}
const send = (path, body) => ask(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
const people = () => towns.flatMap((town) => town.people.map((person) => ({ ...person, place: town.place, town: town.name })))
const chosen = () => people().find((person) => person.phone === $('who').value)
const hour = (text) => new Date(text).toLocaleTimeString('zh-CN', { hour12: false })

function bubble(one) {
  const item = made('li', '', one.mine ? 'mine' : '')
  item.append(made('small', `${LABELS[one.channel] || one.channel}${SHARED.includes(one.channel) && one.to ? ` → ${one.to}` : ''} · ${hour(one.at)}`))
  if (one.title) item.append(made('b', one.title))
  if (one.lines.some(([label]) => label)) {
    const list = made('dl')
    for (const [label, value] of one.lines) list.append(made('dt', label), made('dd', value))
    item.append(list)
  } else item.append(made('div', one.lines.map(([, value]) => value).join('\n')))
  if (one.link && /^https?:\/\//.test(one.link)) {
    const link = made('a', '打开')
    link.href = one.link
    link.target = '_blank'
    link.rel = 'noopener'
    item.append(link)
  }
  return item
}
function fill(list, messages) {
  const kept = new Set([...list.children].map((child) => child.dataset.n))
  if (messages.length < list.children.length || [...list.children].some((child) => !messages.some((one) => String(one.n) === child.dataset.n))) {
    list.replaceChildren()
    kept.clear()
  }
  let grown = false
  for (const one of messages) {
    if (kept.has(String(one.n))) continue
    const item = bubble(one)
    item.dataset.n = String(one.n)
    list.append(item)
    grown = true
  }
  if (grown) list.scrollTop = list.scrollHeight
}
function draw() {
  const person = chosen()
  if (person) {
    const own = [person.openid, person.userid, person.phone]
    fill($('chat'), seen.filter((one) => own.includes(one.to) && !SHARED.includes(one.channel)))
    $('unbound').hidden = person.bound !== ''
  }
  fill($('groups'), seen.filter((one) => SHARED.includes(one.channel)))
}
function quick() {
  const words = ['待办', '帮助']
  if (climbing) words.splice(1, 0, `签收 ${climbing.number}`, climbing.number)
  $('quick').replaceChildren(...words.map((text) => {
    const button = made('button', text)
    button.type = 'button'
    button.addEventListener('click', () => say(text))
    return button
  }))
}
async function say(text, person = chosen()) {
  if (!person || !text.trim()) return
  await guarded(() => send('/say', { openid: person.openid, place: person.place, text: text.trim() }))
  await look()
}
async function guarded(work) {
  try {
    const found = await work()
    $('away').hidden = true
    return found
  } catch (error) {
    $('away').textContent = error.message
    $('away').hidden = false
    return null
  }
}
async function look() {
  const found = await guarded(() => ask(`/shown?after=${last}`))
  for (const one of found?.shown ?? []) {
    if (one.n <= last) continue
    seen.push(one)
    last = one.n
  }
  draw()
}

function step(row) {
  const item = made('li')
  const titled = (name) => people().find((one) => one.name === name && one.place === 'dalad')?.title.split(' · ')[0]
  const names = row.told.map(({ name }) => (titled(name) ? `${name} · ${titled(name)}` : name))
  item.append(made('small', hour(row.at)), made('b', (names.length ? names : row.roles).join('、')))
  if (row.title) item.append(made('div', row.title))
  for (const told of row.told) {
    const person = people().find((one) => one.name === told.name && one.place === 'dalad')
    if (!person || climbing.signed || person.bound !== 'wechat' || !person.title.startsWith('联络员')) continue
    const button = made('button', `用${told.name}的微信签收`)
    button.type = 'button'
    button.addEventListener('click', async () => { button.disabled = true; await say(`签收 ${climbing.number}`, person); await follow() })
    item.append(button)
  }
  return item
}
async function follow() {
  if (!climbing) return
  const found = await guarded(() => ask(`/climb/${climbing.ticket_id}`))
  if (!found) return
  ahead = Date.parse(found.now) - Date.now()
  climbing.signed = found.signed_at
  $('climbing').hidden = false
  $('number').textContent = found.number
  $('state').textContent = found.state
  $('ticket').href = `/t/${climbing.ticket_id}`
  const sent = found.steps.filter((row) => row.state === 'fired' && row.told.length)
  const key = JSON.stringify([sent, found.signed_at])
  if (key !== climbing.drawn) $('steps').replaceChildren(...sent.map(step))
  climbing.drawn = key
  const waiting = found.signed_at ? [] : found.steps.filter((row) => row.state === 'planned').slice(0, 3)
  $('coming').replaceChildren(...(waiting.length ? waiting.map(step) : [made('li', found.signed_at ? '已签收，不再上报。' : '没有了。')]))
  tell()
}
function tell() {
  if (!climbing) return
  const left = Math.round((Date.parse(climbing.sign_by) - Date.now() - ahead) / 1000)
  $('left').textContent = climbing.signed ? `已签收（${hour(climbing.signed)}）` : left > 0 ? `离签收时限还有 ${left} 秒` : `已超过签收时限 ${-left} 秒`
}
$('begin').addEventListener('click', async () => {
  $('begin').disabled = true
  $('failed').hidden = true
  try {
    climbing = await send('/climb', {})
    quick()
    await follow()
  } catch (error) {
    $('failed').textContent = error.message
    $('failed').hidden = false
  }
  $('begin').disabled = false
})
$('write').addEventListener('submit', (event) => {
  event.preventDefault()
  const text = $('words').value
  $('words').value = ''
  void say(text)
})
$('who').addEventListener('change', () => { sessionStorage.setItem('demo.who', $('who').value); draw() })
/** Who was away may have bound an account meanwhile. */
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) void guarded(() => ask('/people')).then((found) => { towns = found?.towns ?? towns; draw() })
})

function show() {
  const view = ['phone', 'climb', 'others'].includes(location.hash.slice(1)) ? location.hash.slice(1) : 'phone'
  for (const link of document.querySelectorAll('nav a')) {
    if (link.dataset.view === view) link.setAttribute('aria-current', 'page')
    else link.removeAttribute('aria-current')
  }
  for (const name of ['phone', 'climb', 'others']) $(`view-${name}`).hidden = name !== view
  for (const list of [$('chat'), $('groups')]) list.scrollTop = list.scrollHeight
}
window.addEventListener('hashchange', show)
show()
quick()
void (async () => {
  towns = (await guarded(() => ask('/people')))?.towns ?? []
  for (const town of towns) {
    const group = made('optgroup')
    group.label = town.name
    for (const person of town.people) {
      const option = made('option', person.title ? `${person.name}（${person.title}）` : person.name)
      option.value = person.phone
      group.append(option)
    }
    $('who').append(group)
  }
  const before = sessionStorage.getItem('demo.who')
  if (before) $('who').value = before
  await look()
  setInterval(() => { if (!document.hidden) { void look(); void follow() } }, ROUND)
  setInterval(tell, 1000)
})()
