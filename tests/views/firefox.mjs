// Uses live pages in Firefox, over WebDriver BiDi, and prints as JSON what they show. Its argument is
// JSON, too: the browser's program, addresses of pages by name, and what to enter.

import puppeteer from "puppeteer-core";

const { program, pages, typed, countAll, texts, attacks, model } = JSON.parse(process.argv[2]);

const browser = await puppeteer.launch({ browser: "firefox", executablePath: program });

async function open(address, troubles) {
  const tab = await browser.newPage();
  tab.setDefaultTimeout(30_000);
  tab.on("console", (message) => troubles.push(message.text()));
  tab.on("pageerror", (error) => troubles.push(String(error)));
  tab.on("dialog", (dialog) => troubles.push(`a dialog: ${dialog.message()}`));
  tab.on("request", (request) => {
    const known = [address.split("#")[0], "data:", "blob:"];
    if (!known.some((start) => request.url().startsWith(start))) troubles.push(request.url());
  });
  await tab.goto(address);
  await settled(tab);
  return tab;
}

const settled = (tab) => tab.waitForSelector('#app[data-ready][data-busy="0"]');
const total = (tab) => tab.$eval("#total", (one) => Number(one.dataset.tokens));
const shown = (tab) => tab.$$eval("#stage .t:not(.n)", (all) => all.map((one) => one.textContent));

async function enter(tab, text) {
  await tab.$eval(
    "#box",
    (box, text) => {
      box.value = text;
      box.dispatchEvent(new Event("input"));
    },
    text,
  );
  await settled(tab);
}

async function afterAttack(tab, text) {
  await tab.click("#tab-tokens");
  await enter(tab, text);
  const tokens = await total(tab);
  const seen = await tab.$eval("#stage", (one) => one.innerText);
  await tab.click("#tab-chunks");
  await settled(tab);
  const alien = await tab.$$eval("main img, #stage svg, #chunk-stage svg", (all) => all.length);
  return { tokens, seen, alien, title: await tab.title() };
}

async function used(address) {
  const troubles = [];
  const tab = await open(address, troubles);
  await tab.type("#box", typed);
  await settled(tab);
  const result = { troubles, typed: await total(tab), tokens: await shown(tab), ids: [] };
  await tab.focus("#stage");
  for (const key of ["Home", "ArrowRight", "End", "ArrowLeft"]) {
    await tab.keyboard.press(key);
    result.ids.push(await tab.$eval("#inspector .id", (one) => Number(one.textContent)));
  }
  result.counts = await tab.evaluate(`(${countAll})(${JSON.stringify(texts)})`);
  result.attacks = [];
  for (const text of attacks) result.attacks.push(await afterAttack(tab, text));

  await enter(tab, texts[0]);
  await tab.$eval("[data-state=max]", (one) => {
    one.value = "5";
    one.dispatchEvent(new Event("input"));
  });
  await settled(tab);
  result.chunks = await tab.$eval("#chunk-summary", (one) => Number(one.dataset.chunks));
  await tab.click("#share");
  await tab.waitForFunction(() => document.querySelector("#share-note").textContent !== "");
  const again = await open(await tab.evaluate(() => location.href), troubles);
  result.shared = await again.$eval("#box", (box) => box.value);
  result.sharedChunks = await again.$eval("#chunk-summary", (one) => Number(one.dataset.chunks));

  await again.click("#tab-tokens");
  await again.$eval("#model", (one) => {
    one.value = "";
  });
  await again.type("#model", model);
  await settled(again);
  result.switched = await total(again);
  result.encoding = await again.$eval("#encoding", (one) => one.value);
  result.note = await again.$eval("#model-note", (one) => one.textContent);
  return result;
}

try {
  const results = {};
  for (const [name, address] of Object.entries(pages)) results[name] = await used(address);
  console.log(JSON.stringify(results));
} finally {
  await browser.close();
}
