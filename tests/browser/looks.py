"""How every page looks: nothing is cut or lies over something else, nothing is in the wrong language, and it is small and accessible.

Each page is also kept as a picture, for people to look at."""

import re

from local import expect

SIZES = {"phone": (390, 844), "desk": (1280, 900)}
# Of a page with everything that it loads, by what comes over the wire without compression.
PAGE_BYTES_MAX = 60 * 1024
# Words of the field, and names of ours, that stand in Latin letters in Japanese too.
LATIN = {"chrome", "linux", "hansho", "sms", "webhook", "utc", "asia", "tokyo", "sev", "id", "pin", "javascript"}

OVERFLOWING = """() => {
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  const cut = [...document.querySelectorAll("main *, nav *")].filter((one) => {
    const style = getComputedStyle(one);
    return one.scrollWidth > one.clientWidth + 1 && style.overflowX !== "visible" && one.clientWidth > 0 && !/^(INPUT|TEXTAREA|SELECT)$/.test(one.tagName);
  });
  return { wide, cut: cut.map((one) => one.outerHTML.slice(0, 120)) };
}"""
# Things to tap that lie over each other, or are smaller than a fingertip: 24 px (WCAG 2.2, 2.5.8).
TARGETS = """() => {
  const shown = [...document.querySelectorAll("a, button, summary, input, select, textarea")].map((one) => [one, one.getBoundingClientRect()])
    .filter(([one, box]) => one.checkVisibility({ contentVisibilityAuto: true }) && box.width > 0 && box.height > 0 && box.right > 0 && one.type !== "hidden");
  const small = shown.filter(([one, box]) => box.height < 24 && getComputedStyle(one).display !== "inline").map(([one]) => one.outerHTML.slice(0, 120));
  const over = [];
  for (const [one, a] of shown) for (const [other, b] of shown) {
    if (one === other || one.contains(other) || other.contains(one)) continue;
    const x = Math.min(a.right, b.right) - Math.max(a.left, b.left), y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (x > 1 && y > 1) over.push(one.outerHTML.slice(0, 80) + " / " + other.outerHTML.slice(0, 80));
  }
  return { small, over };
}"""


class Looks:
    """Looks at pages, and keeps pictures of them."""

    def __init__(self, axe, folder):
        self.axe, self.folder = axe, folder
        folder.mkdir(parents=True, exist_ok=True)

    def at(self, page, name, language):
        """Both sizes of what `page` shows now."""
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_load_state("networkidle")
            where = f"{name} at {width} px"
            page.screenshot(path=self.folder / f"{name}-{language}-{width}.png", full_page=True)
            found = page.evaluate(OVERFLOWING)
            expect(found["wide"] <= 0 and not found["cut"], f"{where}: something is cut: {found}")
            targets = page.evaluate(TARGETS)
            expect(not targets["over"], f"{where}: one lies over another: {targets['over']}")
            expect(not targets["small"], f"{where}: too small for a finger: {targets['small']}")
            self.is_accessible(page, where)
        expect(page.get_attribute("html", "lang") == language, f"{name} says that it is in {page.get_attribute('html', 'lang')}")
        if language == "ja":
            expect(not (words := untranslated(page)), f"{name}: not in Japanese: {words}")
        page.set_viewport_size({"width": SIZES["phone"][0], "height": SIZES["phone"][1]})

    def is_accessible(self, page, where):
        # A page's policy lets no script in but its own, so this one runs beside the page.
        result = page.evaluate(f"{self.axe}; axe.run(document, {{ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }})")
        problems = [(one["id"], [node["html"][:120] for node in one["nodes"]][:3]) for one in result["violations"]]
        expect(not problems, f"{where}: axe: {problems}")


def untranslated(page):
    """Latin words that are shown, but for those of the field. What comes from outside stands in `bdi` and `pre`, notes and names to choose from, and is nobody's to translate."""
    shown = page.evaluate("""() => {
      const body = document.body.cloneNode(true);
      body.querySelectorAll("bdi, pre, .note, optgroup, footer .small, script").forEach((one) => one.remove());
      // With scripts, what stands there for those without is text that has tags in it.
      body.querySelectorAll("noscript").forEach((one) => { one.outerHTML = one.textContent; });
      const said = [...document.querySelectorAll("[aria-label]")].map((one) => one.ariaLabel);
      return [body.textContent, ...said].join("\\n");
    }""")
    shown = re.sub(r"\S*(https?://|@)\S*", " ", shown)
    return sorted({word for word in re.findall(r"[A-Za-z][A-Za-z']+", shown) if word.lower() not in LATIN})


def is_small(browser, url, cookies):
    """A page with all that it loads is under the budget, and loads nothing from elsewhere."""
    context = browser.new_context()
    context.add_cookies(cookies)
    page, sizes = context.new_page(), {}
    page.on("response", lambda answer: sizes.setdefault(answer.url, len(answer.body())) if answer.status == 200 else None)
    page.goto(url)
    page.wait_for_load_state("networkidle")
    context.close()
    origin = re.match(r"https?://[^/]+", url).group()
    expect(all(one.startswith(origin) for one in sizes), f"it loads from elsewhere: {list(sizes)}")
    expect(sum(sizes.values()) < PAGE_BYTES_MAX, f"{sum(sizes.values())} bytes: {sizes}")
    return sum(sizes.values())
