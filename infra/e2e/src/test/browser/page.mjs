// Opens the page under /docs in the browser of this machine. Reads {url, key, tried} from stdin,
// makes the call GET {tried} with the page's own buttons, and prints what a person sees: {tags, calls,
// topics, answer}, and what went wrong: {faults, failures, refused, noticed}.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as rest } from 'node:timers/promises';
import { chromium } from 'playwright-core';

const asked = JSON.parse(await text(process.stdin));
const patience = 120_000;
const names = ['chromium', 'chromium-browser', 'google-chrome'];
const executablePath = process.env.PATH.split(delimiter)
  .flatMap(directory => names.map(name => join(directory, name)))
  .find(existsSync);

const refused = [];
const failures = [];
const browser = await chromium.launch({ executablePath, timeout: patience });
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(patience);
  page.on('pageerror', error => failures.push(error.message));
  page.on('requestfailed', request =>
    failures.push(`${request.url()}: ${request.failure()?.errorText}`));
  page.on('console', message => {
    if (/Content.Security.Policy/i.test(message.text())) refused.push(message.text());
    else if (message.type() === 'error') failures.push(message.text());
  });
  await page.addInitScript(() => document.addEventListener('securitypolicyviolation', event =>
    console.log(`Content Security Policy: ${event.violatedDirective} ${event.blockedURI}`)));
  await page.goto(asked.url);

  // Calls: a tag shows them when it is opened.
  const tags = page.locator('#operations .opblock-tag');
  const sections = page.locator('#operations .opblock-tag-section');
  await tags.first().waitFor();
  const answer = { tags: [], calls: [], topics: [] };
  for (let i = 0; i < await tags.count(); i++) {
    answer.tags.push(await tags.nth(i).getAttribute('data-tag'));
    await tags.nth(i).locator('.expand-operation').click();
    await sections.nth(i).locator('.opblock').first().waitFor();
  }
  const calls = page.locator('#operations .opblock');
  for (let i = 0; i < await calls.count(); i++) {
    const method = await calls.nth(i).locator('.opblock-summary-method').textContent();
    const path = await calls.nth(i).locator('.opblock-summary-path').getAttribute('data-path');
    answer.calls.push(`${method} ${path}`);
  }

  const topics = page.locator('#channels details');
  await topics.first().waitFor();
  for (let i = 0; i < await topics.count(); i++) {
    answer.topics.push({
      name: await topics.nth(i).locator('summary code').textContent(),
      columns: await topics.nth(i).locator('tbody tr').count(),
    });
  }

  // A call with a key, as a person tries it.
  await page.locator('.auth-wrapper button.authorize').first().click();
  await page.locator('#auth-bearer-value').fill(asked.key);
  await page.locator('.auth-container')
    .filter({ has: page.locator('#auth-bearer-value') })
    .locator('button[type=submit]')
    .click();
  await page.locator('.close-modal').click();
  const tried = calls
    .filter({ has: page.locator(`.opblock-summary-path[data-path="${asked.tried}"]`) })
    .filter({ has: page.locator('.opblock-summary-method', { hasText: /^GET$/ }) });
  await tried.locator('.opblock-summary-control').click();
  await tried.locator('.try-out__btn').click();
  await tried.locator('button.execute').click();
  const response = tried.locator('.live-responses-table tr.response').first();
  answer.answer = {
    status: (await response.locator('.response-col_status').first().textContent()).trim(),
    shown: await response.locator('.response-col_description').first().textContent(),
  };
  answer.faults = await page.locator('#operations pre.errors-wrapper').count();
  answer.refused = [...refused];
  answer.failures = [...failures];

  // A style that the policy does not allow has to be noticed, else nothing ever is.
  page.addStyleTag({ content: 'h1 { color: red; }' }).catch(() => {});
  const until = Date.now() + patience;
  while (refused.length === answer.refused.length && Date.now() < until) await rest(50);
  answer.noticed = refused.length > answer.refused.length;
  console.log(JSON.stringify(answer));
} finally {
  await browser.close();
}
