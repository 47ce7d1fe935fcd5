"""Somebody signs in on the deployment by a link in a mail, and acknowledges on the pages."""

import html
import http.client
import re
import urllib.parse

from emulator import eventually, expect
from stories import direct_alarm, mails_to, now

# What the function's cookie is called where there is TLS (functions/api/src/app/cookie.rs).
COOKIE = "__Host-session"


class Browser:
    """Keeps the session's cookie, and follows no redirect by itself."""

    def __init__(self, emulator, url):
        self.emulator, self.url, self.cookie = emulator, url, None

    def ask(self, path, form=None):
        """The status, the address that it leads to, and the page."""
        server = urllib.parse.urlsplit(self.emulator.url)
        connection = http.client.HTTPConnection(server.hostname, server.port, timeout=30)
        headers = {"Host": urllib.parse.urlsplit(self.url).netloc, "Sec-Fetch-Site": "same-origin", "Accept-Language": "ja"}
        if self.cookie:
            headers["Cookie"] = self.cookie
        body = None
        if form is not None:
            body, headers["Content-Type"] = urllib.parse.urlencode(form), "application/x-www-form-urlencoded"
        connection.request("GET" if form is None else "POST", path, body, headers)
        answer = connection.getresponse()
        page = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            if cookie.startswith(f"{COOKIE}="):
                expect(all(part in cookie for part in ("; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/")), cookie)
                self.cookie = cookie.split(";")[0]
        return answer.status, answer.headers.get("Location"), page


def signed_in(emulator, outputs):
    """somebody signs in by a link in a mail, which opening alone does not use, and acknowledges on the page; who has no session sees nothing"""
    browser, stranger = Browser(emulator, outputs["url"]), Browser(emulator, outputs["url"])
    expect(browser.ask("/app")[:2] == (303, "/sign-in?to=%2Fapp"), "a page is shown without a session")
    before = len(mails_to(emulator, "chie@example.com"))
    status, _, asked = browser.ask("/sign-in", {"mail": "chie@example.com"})
    expect(status == 200 and asked == stranger.ask("/sign-in", {"mail": "nobody@example.com"})[2], "the answer tells whose address there is")
    mail = eventually("the link is mailed", lambda: mails_to(emulator, "chie@example.com")[before:])[0]
    path = re.search(re.escape(outputs["url"]) + r"(/s/\w+)", mail).group(1)
    expect([stranger.ask(path)[0], stranger.cookie] == [200, None], "opening the link signs in")
    expect(browser.ask(path, {})[:2] == (303, "/app") and browser.cookie, "the tap does not sign in")
    expect(stranger.ask(path, {})[0] == 410, "the link signs in twice")

    emulator.invoke("hansho-alarm-intake", direct_alarm("batch-late", "batch", now()))
    listed = eventually("it is on the list", lambda: re.search(r"incidents/(\w+)", browser.ask("/app?show=all")[2]))
    incident = f"/app/incidents/{listed.group(1)}"
    page = browser.ask(incident)[2]
    expect('class="state triggered"' in page, page[:2000])
    form = next(part for part in page.split("<form") if "acknowledge" in part.split(">")[0])
    fields = {name: html.unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form)}
    expect(stranger.ask(f"{incident}/acknowledge", fields)[0] == 303 and 'class="state triggered"' in browser.ask(incident)[2], "a stranger acknowledged")
    expect(browser.ask(f"{incident}/acknowledge", fields)[:2] == (303, incident), "it is not taken")
    expect('class="state acknowledged"' in browser.ask(incident)[2], "it is not acknowledged")
    expect(browser.ask(f"{incident}/live")[0] == 200, "an open page is not told what changes")
    emulator.invoke("hansho-alarm-intake", direct_alarm("batch-late", "batch", now(), state="OK"))
    eventually("the alarm's OK resolves it", lambda: 'class="state resolved"' in browser.ask(incident)[2])


ALL = [signed_in]
