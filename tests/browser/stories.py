"""What people do in a browser, with a look at the state behind it."""

import time

from local import eventually, expect, linked
from looks import is_small
from passkeys import signing_in_with_a_passkey, without_a_passkey
import responding
import setup
import shifts

# Pages of what is set up, which everybody of a team sees.
MORE = ("/app/more", "/app/services", "/app/services/checkout", "/app/teams", "/app/teams/shop", "/app/suppressed", "/app/configuration", "/app/maintenance", "/app/maintenance/begin")
# An open page that somebody else changes follows within so long.
FOLLOWS_WITHIN_SECONDS = 2.5


class People:
    """A browser for each person, the size of a phone."""

    def __init__(self, browser, local, looks):
        self.browser, self.local, self.looks, self.contexts, self.complaints = browser, local, looks, {}, []

    def stranger(self, locale="ja-JP"):
        context = self.browser.new_context(locale=locale, viewport={"width": 390, "height": 844}, has_touch=True)
        page = context.new_page()
        # Whatever the page's own policy forbids is told on the console.
        page.on("console", lambda said: self.complaints.append(f"{page.url}: {said.text}") if said.type == "error" and not said.text.startswith("Failed to load resource") else None)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        return page

    def signed_in(self, user, locale):
        """The page of somebody who has signed in by a link in a mail."""
        if user in self.contexts:
            return self.contexts[user].new_page()
        page = self.stranger(locale)
        address = f"{user}@example.com"

        def ask():
            page.goto(f"{self.local.url}/app")
            expect("/sign-in" in page.url, page.url)
            page.fill("#mail", address)
            page.click("form.primary button")

        link = self.local.link(address, ask)
        page.goto(link)
        page.click("form.primary button")
        page.wait_for_url(f"{self.local.url}/app")
        self.contexts[user] = page.context
        return page


def signing_in(people):
    """somebody signs in by a link in a mail: opening it does nothing, it works once, and the answer tells nobody whose address there is"""
    local = people.local
    page = people.stranger()
    page.goto(f"{local.url}/sign-in")
    people.looks.at(page, "sign-in", "ja")
    page.fill("#mail", "dora@example.com")
    link = local.link("dora@example.com", lambda: page.click("form.primary button"))
    people.looks.at(page, "sign-in-sent", "ja")
    answered = page.inner_text("main")
    other = people.stranger()
    other.goto(f"{local.url}/sign-in")
    other.fill("#mail", "nobody@example.com")
    other.click("form.primary button")
    expect(other.inner_text("main") == answered, "the answer tells whose address there is")
    for _ in range(2):
        other.goto(link)
    people.looks.at(other, "sign-in-link", "ja")
    expect(not other.context.cookies() , other.context.cookies())
    page.goto(link)
    page.click("form.primary button")
    page.wait_for_url(f"{local.url}/app")
    cookie = page.context.cookies()[0]
    expect(cookie["httpOnly"] and cookie["sameSite"] == "Lax", cookie)
    expect("session" not in page.evaluate("document.cookie"), "a script can read the session")
    other.click("form.primary button")
    expect("使用済み" in other.inner_text("main"), other.inner_text("main"))
    people.looks.at(other, "sign-in-used", "ja")
    people.contexts["dora"] = page.context


def acknowledging_from_a_link(people):
    """from a page's link one tap acknowledges, and the other responder's open page changes by itself"""
    local = people.local
    id = local.alarm("checkout-5xx", "決済が失敗しています")
    links = {user: eventually("they are texted", lambda: [text for text in local.sent(number) if "/i/" in text])[-1] for user, number in (("aiko", "+819000000001"), ("ben", "+447700900101"))}
    links = {user: text[text.index("http"):].split()[0] for user, text in links.items()}
    aiko, ben = people.stranger(), people.stranger("en-GB")
    aiko.goto(links["aiko"])
    ben.goto(links["ben"])
    listed = people.signed_in("ben", "en-GB")
    listed.goto(f"{local.url}/app?show=all")
    expect("Nobody has it" in ben.inner_text("main") and "Nobody has it" in listed.inner_text("main"), ben.inner_text("main"))
    people.looks.at(aiko, "link-triggered", "ja")
    aiko.tap("form.primary button")
    aiko.wait_for_selector("header.acknowledged")
    tapped_at = time.monotonic()
    expect(local.incident(id)["status"] == "acknowledged", local.incident(id))
    for page in (ben, listed):
        page.get_by_text("愛子 has it").first.wait_for(timeout=FOLLOWS_WITHIN_SECONDS * 1000)
    expect(time.monotonic() - tapped_at < FOLLOWS_WITHIN_SECONDS + 1, "the other pages were late")
    people.looks.at(aiko, "link-acknowledged", "ja")
    people.looks.at(ben, "link-acknowledged", "en")


def looking_and_acting(people):
    """the pages behind a sign-in, as the right role and as the wrong one"""
    local = people.local
    id = local.alarm("database-slow", "データベースが遅くなっています")
    pages = {user: people.signed_in(user, locale) for user, locale in (("aiko", "ja-JP"), ("gus", "ja-JP"), ("stan", "en-GB"), ("ben", "en-GB"))}
    for user, sees in (("aiko", True), ("gus", False), ("stan", True)):
        pages[user].goto(f"{local.url}/app?show=all")
        expect((id in pages[user].content()) == sees, f"{user}: {pages[user].inner_text('main')}")
        answer = pages[user].goto(f"{local.url}/app/incidents/{id}")
        expect(answer.status == (200 if sees else 404), f"{user}: {answer.status}")
    expect(pages["stan"].query_selector("form.primary") is None, "who only looks has a button")
    people.looks.at(pages["stan"], "incident-looking", "en")
    people.looks.at(pages["gus"], "not-there", "ja")
    aiko = pages["aiko"]
    people.looks.at(aiko, "incident-triggered", "ja")
    aiko.tap("form.primary button")
    aiko.wait_for_selector("header.acknowledged")
    aiko.click("text=解決にする")
    aiko.click("text=はい、解決にする")
    aiko.wait_for_selector("header.resolved")
    expect(local.incident(id)["status"] == "resolved", local.incident(id))
    people.looks.at(aiko, "incident-resolved", "ja")
    for user, language in (("aiko", "ja"), ("ben", "en")):
        for name, path in (("open", "/app?show=all"), ("mine", "/app?show=mine"), ("on-call", "/app/on-call"), ("me", "/app/me")):
            pages[user].goto(local.url + path)
            people.looks.at(pages[user], name, language)


def paging_somebody(people):
    """whoever pages somebody is told first who is woken, and then they are"""
    local = people.local
    for user, locale, language, title in (("aiko", "ja-JP", "ja", "決済できません"), ("ben", "en-GB", "en", "Customers can not pay")):
        page = people.signed_in(user, locale)
        page.goto(f"{local.url}/app/open")
        people.looks.at(page, "page-somebody", language)
        page.select_option("#service", "checkout")
        page.fill("#title", title)
        page.click("form.fields button")
        asked = page.inner_text(".calling")
        expect("愛子" in asked and "SMS" in asked, asked)
        people.looks.at(page, "page-somebody-asked", language)
        before = len(local.get("/incidents?status=open")["incidents"])
        page.tap("form.primary button")
        page.wait_for_url("**/app/incidents/*")
        after = local.get("/incidents?status=open")["incidents"]
        expect(len(after) == before + 1 and any(one["title"] == title for one in after), after)
    stan = people.signed_in("stan", "en-GB")
    expect(stan.goto(f"{local.url}/app/open").status == 403, "who only looks may page")


def taking_a_shift(people):
    """a shift is taken in two taps, and whoever only looks may not"""
    local = people.local
    ben = people.signed_in("ben", "en-GB")
    ben.goto(f"{local.url}/app/on-call")
    expect(local.on_call("shop") == ["aiko"], local.on_call("shop"))
    ben.tap("#shop summary")
    said = ben.inner_text("#shop form")
    expect("佐藤 愛子 -> ベン" in said, said)
    people.looks.at(ben, "on-call-taking", "en")
    ben.tap("#shop form button")
    ben.wait_for_selector("#shop .you")
    expect(local.on_call("shop") == ["ben"], local.on_call("shop"))
    stan = people.signed_in("stan", "en-GB")
    stan.goto(f"{local.url}/app/on-call")
    expect(stan.query_selector("summary") is None, "who only looks may take a shift")
    gus = people.signed_in("gus", "ja-JP")
    gus.goto(f"{local.url}/app/on-call")
    expect("データの当番" not in gus.inner_text("main"), "a guest sees another team's schedule")


def a_newcomers_path(people):
    """a newcomer's path: an invitation by mail, the sign-in, a proven contact, a test page that is answered, and the checklist is green"""
    local = people.local
    ada = people.signed_in("ada", "ja-JP")
    ready = {"ja": "準備ができています", "en": "Everything is ready"}
    for user, locale, language, number in (("nao", "ja-JP", "ja", "+819000000009"), ("kim", "en-GB", "en", "+447700900109")):
        ada.goto(f"{local.url}/app/people")
        people.looks.at(ada, "people", "ja")
        ada.tap(f"a[href$='/people/{user}']")
        people.looks.at(ada, "person", "ja")
        ada.tap("form[action$='/invite'] button")
        mail = eventually("the invitation is mailed", lambda: [text for text in local.sent(f"{user}@example.com") if "/invitation/" in text])[-1]
        invitation = linked(mail)
        ada.wait_for_url(f"{local.url}/app/people/{user}?done=invited")
        people.looks.at(ada, "person-invited", "ja")
        page, phone = people.stranger(locale), people.stranger(locale)
        for _ in range(2):
            page.goto(invitation)
        people.looks.at(page, "invitation", language)
        expect(not page.context.cookies(), "looking signs in")
        page.tap("form.primary button")
        page.wait_for_url(f"{local.url}/app/me/checklist")
        people.contexts[user] = page.context
        people.looks.at(page, "checklist", language)
        expect(phone.goto(invitation).status == 410, "an invitation works twice")
        people.looks.at(phone, "invitation-used", language)

        page.tap("#contact form button")
        phone.goto(linked(eventually("they are texted", lambda: [text for text in local.sent(number) if "/p/" in text])[-1]))
        phone.tap("form.primary button")
        contacts = lambda: next(one["contacts"] for one in local.get("/users")["users"] if one["id"] == user)
        eventually("their phone is proven", lambda: any(one["method"] == "sms" and one["proven_by"] == "verification" for one in contacts()))
        page.goto(f"{local.url}/app/me/checklist")
        page.wait_for_selector("#contact.done")

        page.tap("#test-page form button")
        people.looks.at(page, "checklist-sent", language)
        phone.goto(linked(eventually("they are paged", lambda: [text for text in local.sent(number) if "/i/" in text])[-1]))
        people.looks.at(phone, "test-page", language)
        phone.tap("form.primary button")
        phone.wait_for_selector("header.acknowledged")
        expect(not any("Test page" in one["title"] for one in local.get("/incidents?status=all")["incidents"]), "a test page is on a list")
        page.goto(f"{local.url}/app/me/checklist")
        page.wait_for_selector("#test-page.done")
        page.tap("#shift form button")
        page.wait_for_selector("#shift.done")
        expect(ready[language] not in page.inner_text("main"), "it is ready too early")
        page.tap("#numbers form button")
        page.wait_for_selector("#numbers.done")
        expect(ready[language] in page.inner_text("main"), page.inner_text("main"))
        people.looks.at(page, "checklist-ready", language)
        ada.goto(f"{local.url}/app/people/{user}")
        expect(ready["ja"] in ada.inner_text("main"), ada.inner_text("main"))
        page.goto(f"{local.url}/app/people")
        people.looks.at(page, "people-of-teams", language)
        expect(page.goto(f"{local.url}/app/people/nao").status == 404, "a guest looks after somebody")
        page.goto(f"{local.url}/app/me")
        page.tap("form[action='/app/me/calendars'] button")
        people.looks.at(page, "calendar-address", language)
        expect(page.request.get(local.url + page.get_attribute("a[href^='/calendars/']", "href")).status == 200, "the calendar is not there")


def ending_a_session(people):
    """whoever ends their other sessions is signed out there, and signing out takes the browser's own"""
    local = people.local
    first = people.signed_in("dora", "ja-JP")
    second = people.stranger()
    second.goto(f"{local.url}/sign-in")
    second.fill("#mail", "dora@example.com")
    second.goto(local.link("dora@example.com", lambda: second.click("form.primary button")))
    second.click("form.primary button")
    second.wait_for_url(f"{local.url}/app")
    second.goto(f"{local.url}/app/me")
    people.looks.at(second, "me-two-sessions", "ja")
    second.click("text=ほかをすべてサインアウトさせる")
    first.goto(f"{local.url}/app")
    expect("/sign-in" in first.url, first.url)
    second.goto(f"{local.url}/app/me")
    second.click("form[action='/sign-out'] button")
    second.goto(f"{local.url}/app")
    expect("/sign-in" in second.url, second.url)
    del people.contexts["dora"]


def small_pages(people):
    """every page is small, and loads nothing from elsewhere"""
    local = people.local
    cookies = people.contexts["aiko"].cookies()
    for path in ("/app?show=all", "/app/on-call", "/app/schedules/rota?weeks=4", "/app/me", "/app/me/checklist", "/app/people", "/app/open", "/sign-in", *MORE):
        is_small(people.browser, local.url + path, cookies)
    for path in ("/app/keys", "/app/keys/integrations/shop", "/app/audit"):
        is_small(people.browser, local.url + path, people.contexts["ada"].cookies())


def without_a_network(people):
    """an installed page says so where there is no network"""
    page = people.signed_in("aiko", "ja-JP")
    page.goto(f"{people.local.url}/app")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    # What a device without a network sees is what it sees of a server that is not there.
    people.local.stop()
    page.goto(f"{people.local.url}/app/on-call")
    # It was kept in the language that the browser itself has.
    expect(any(word in page.inner_text("main") for word in ("Hansho can not be reached", "Hanshoにつながりません")), page.inner_text("main"))
    page.screenshot(path=people.looks.folder / "offline-390.png")


def without_scripts(people):
    """everything works without scripts"""
    local = people.local
    context = people.browser.new_context(java_script_enabled=False, locale="ja-JP")
    context.add_cookies(people.contexts["aiko"].cookies())
    page = context.new_page()
    id = local.alarm("checkout-latency", "決済が遅くなっています")
    page.goto(f"{local.url}/app?show=all")
    page.click(f"a[href$='{id}']")
    page.click("form.primary button")
    expect(local.incident(id)["status"] == "acknowledged", local.incident(id))
    context.close()


def nothing_is_complained_of(people):
    """no page has done what its own policy forbids, or failed in its script"""
    expect(not people.complaints, people.complaints)


ALL = [
    signing_in,
    acknowledging_from_a_link,
    looking_and_acting,
    paging_somebody,
    *responding.ALL,
    taking_a_shift,
    *shifts.ALL,
    *setup.ALL,
    a_newcomers_path,
    ending_a_session,
    small_pages,
    without_scripts,
    signing_in_with_a_passkey,
    without_a_passkey,
    nothing_is_complained_of,
    without_a_network,
]
