// A browser without a screen for the hosted pages: keeps cookies, follows redirects, fills in forms by field name and
// presses buttons by id. It reads HTML by regular expression, which is enough for pages without script.

const BUTTONS = ['login-submit', 'consent-allow', 'logout-confirm']
const MOST_STEPS = 20

export class Browser {
  #cookies = new Map()

  /** `answers` are what the person would type, by field name. */
  constructor(answers) {
    this.answers = answers
  }

  /** Goes to `url` and through the pages that come, until the browser is sent to an address that begins with `end`. */
  async travel(url, end) {
    let request = { url: new URL(url), method: 'GET' }
    for (let step = 0; step < MOST_STEPS; step++) {
      const response = await this.#send(request)
      const location = response.headers.get('location')
      if (location && response.status >= 300 && response.status < 400) {
        const next = new URL(location, request.url)
        if (next.href.startsWith(end)) return next
        request = { url: next, method: 'GET' }
        continue
      }
      const page = await response.text()
      request = this.#fillIn(page, request.url)
      if (!request) throw new Error(`stuck at ${response.status} ${response.url}:\n${page.slice(0, 2000)}`)
    }
    throw new Error(`more than ${MOST_STEPS} steps without reaching ${end}`)
  }

  /** Where the last page was left when the travel is expected to end on a page: its text. */
  async read(url) {
    let request = { url: new URL(url), method: 'GET' }
    for (let step = 0; step < MOST_STEPS; step++) {
      const response = await this.#send(request)
      const location = response.headers.get('location')
      if (!location) return { status: response.status, text: await response.text() }
      request = { url: new URL(location, request.url), method: 'GET' }
    }
    throw new Error(`more than ${MOST_STEPS} redirects`)
  }

  async #send({ url, method, body }) {
    const headers = { cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ') }
    if (method === 'POST') {
      headers.origin = url.origin
      headers['sec-fetch-site'] = 'same-origin'
      headers['content-type'] = 'application/x-www-form-urlencoded'
    }
    const response = await fetch(url, { method, headers, body, redirect: 'manual' })
    for (const cookie of response.headers.getSetCookie()) {
      const [pair, ...attributes] = cookie.split(';').map((part) => part.trim())
      const at = pair.indexOf('=')
      const gone = attributes.some((attribute) => /^max-age=0$/i.test(attribute))
      if (gone) this.#cookies.delete(pair.slice(0, at))
      else this.#cookies.set(pair.slice(0, at), pair.slice(at + 1))
    }
    return response
  }

  #fillIn(page, url) {
    for (const [, opening, inner] of page.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)) {
      const button = [...inner.matchAll(/<button\b([^>]*)>/gs)]
        .map(([, tag]) => attributes(tag))
        .find((button) => BUTTONS.includes(button.id))
      if (!button) continue
      const form = attributes(opening)
      const fields = new URLSearchParams()
      for (const [, tag] of inner.matchAll(/<input\b([^>]*)>/gs)) {
        const input = attributes(tag)
        if (input.name) fields.set(input.name, this.answers[input.name] ?? input.value ?? '')
      }
      if (button.name) fields.set(button.name, button.value ?? '')
      return { url: new URL(form.action || url.href, url), method: 'POST', body: fields.toString() }
    }
  }
}

function attributes(tag) {
  const found = {}
  for (const [, name, value] of tag.matchAll(/([\w-]+)="([^"]*)"/g)) found[name] = unescaped(value)
  return found
}

function unescaped(text) {
  const named = { amp: '&', lt: '<', gt: '>', quot: '"' }
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (hex) return String.fromCodePoint(parseInt(hex, 16))
    if (decimal) return String.fromCodePoint(parseInt(decimal, 10))
    return named[name] ?? whole
  })
}
