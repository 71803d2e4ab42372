// A browser without a screen for the hosted pages: keeps cookies, follows redirects, fills in forms by field name and
// presses buttons by id. It reads HTML by regular expression, which is enough for pages without script.

import http from 'node:http'

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
      const location = response.headers.location
      if (location) {
        const next = new URL(location, request.url)
        if (next.href.startsWith(end)) return next
        request = { url: next, method: 'GET' }
        continue
      }
      const { url } = request
      request = this.#fillIn(response.text, url)
      if (!request) throw new Error(`stuck at ${response.status} ${url}:\n${response.text}`)
    }
    throw new Error(`more than ${MOST_STEPS} steps without reaching ${end}`)
  }

  async #send({ url, method, body }) {
    const headers = {
      cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      'sec-fetch-mode': 'navigate',
    }
    if (method === 'POST') {
      headers.origin = url.origin
      headers['sec-fetch-site'] = 'same-origin'
      headers['content-type'] = 'application/x-www-form-urlencoded'
    }
    const answer = await ask(url, { method, headers }, body)
    for (const cookie of answer.headers['set-cookie'] ?? []) {
      const [pair, ...attributes] = cookie.split(';').map((part) => part.trim())
      const at = pair.indexOf('=')
      const gone = attributes.some((attribute) => /^max-age=0$/i.test(attribute))
      if (gone) this.#cookies.delete(pair.slice(0, at))
      else this.#cookies.set(pair.slice(0, at), pair.slice(at + 1))
    }
    return answer
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

/** One request. Not `fetch`: that says of itself that it is no navigation, and a browser's address bar is one. */
function ask(url, options, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(url, options, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }))
      response.on('error', reject)
    })
    request.on('error', reject)
    request.end(body)
  })
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
