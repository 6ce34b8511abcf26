// Drives pgAdmin in a headless browser: opens a server in its tree, with its password if there is one, and runs a query in the
// database `orders`. Prints what stands in the result.
// node pgadmin.mjs <folder with puppeteer-core> <url> <server> [<password>]
import { createRequire } from 'node:module';

const [folder, url, server, password] = process.argv.slice(2);
const puppeteer = createRequire(`${folder}/x.js`)('puppeteer-core');
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM,
  headless: true,
  args: ['--no-sandbox', '--disable-dev-shm-usage'],
});
try {
  const page = await browser.newPage();
  await page.setViewport({ width: 1300, height: 850 });
  page.setDefaultTimeout(60_000);
  const open = async (text) => {
    await page.waitForSelector(`::-p-text(${text})`);
    // The tree is drawn anew while it loads, and a click on what is gone is lost.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    await page.locator(`::-p-text(${text})`).click({ count: 2 });
  };
  await page.goto(url, { waitUntil: 'domcontentloaded' });
  await open('Servers');
  await open(server);
  if (password !== undefined) {
    // The other ones belong to forms that are not shown.
    await page.locator('input[type=password]:not([name])').fill(password);
    await page.keyboard.press('Enter');
  }
  await open('Databases');
  await open('orders');
  await page.waitForSelector('::-p-text(Schemas)');
  for (const key of ['Alt', 'Shift']) await page.keyboard.down(key);
  await page.keyboard.press('KeyQ');
  for (const key of ['Shift', 'Alt']) await page.keyboard.up(key);
  // Tabs of the last time are opened again, behind this one.
  const query = await page.waitForFrame(async (frame) => {
    if (!frame.url().includes('/sqleditor/panel/')) return false;
    const element = await frame.frameElement();
    return (await element?.isVisible()) === true;
  });
  await query.waitForSelector('::-p-text(No data output)');
  await query.locator('.cm-content').click();
  await page.keyboard.type("SELECT current_user || ' in ' || current_database()");
  await page.keyboard.press('F5');
  const cell = await query.waitForSelector('[role=gridcell] ::-p-text( in )');
  process.stdout.write(await cell.evaluate((element) => element.textContent));
} finally {
  await browser.close();
}
