"""What people do about an incident together: calling others in, rating it, writing notes, taking a whole storm."""

import time

from local import expect

FOLLOWS_WITHIN_SECONDS = 2.5


def calling_others_in(people):
    """an incident is given to somebody else, and somebody is asked to help, after the page has said whom that wakes"""
    local = people.local
    for user, locale, language, confirm in (("aiko", "ja-JP", "ja", "担当を変える"), ("ben", "en-GB", "en", "Reassign now")):
        id = local.alarm(f"checkout-given-{user}", "在庫が合いません")
        page = people.signed_in(user, locale)
        page.goto(f"{local.url}/app/incidents/{id}")
        people.looks.at(page, "incident-calling", language)
        page.click("a[href$='/reassign']")
        people.looks.at(page, "reassign", language)
        page.select_option("#to", "schedule/data")
        page.click("form.fields:last-of-type button")
        said = page.inner_text(".calling")
        expect("森 暖" in said, said)
        people.looks.at(page, "reassign-asked", language)
        expect(calls(local, id) != ["dora"], "looking has called somebody")
        expect(page.inner_text("form.primary button") == confirm, page.inner_text("form.primary"))
        page.tap("form.primary button")
        page.wait_for_url(f"**/app/incidents/{id}")
        expect(calls(local, id) == ["dora"], local.incident(id))
        page.click("a[href$='/request-responders']")
        page.select_option("#to", "user/gus")
        page.fill("#message", "在庫を見てください")
        page.click("form.fields:last-of-type button")
        people.looks.at(page, "request-asked", language)
        page.tap("form.primary button")
        page.wait_for_url(f"**/app/incidents/{id}")
        expect(calls(local, id) == ["dora"], "whoever is asked to help takes it from nobody")
        expect(local.incident(id)["asked_to_help"] == ["gus"], local.incident(id))
        gus = people.signed_in("gus", "ja-JP")
        gus.goto(f"{local.url}/app/incidents/{id}")
        expect("在庫を見てください" in gus.inner_text(".request"), gus.inner_text("main"))
        people.looks.at(gus, "request-received", "ja")
        gus.close()


def changed_meanwhile(people):
    """what somebody else did meanwhile is said before the button does anything"""
    local = people.local
    id = local.alarm("checkout-raced", "支払いが遅れています")
    ben, aiko = people.signed_in("ben", "en-GB"), people.signed_in("aiko", "ja-JP")
    ben.goto(f"{local.url}/app/incidents/{id}/reassign?to=schedule/data")
    aiko.goto(f"{local.url}/app/incidents/{id}")
    aiko.tap("form.primary button")
    aiko.wait_for_selector("header.acknowledged")
    ben.tap("form.primary button")
    ben.get_by_text("Nothing was done").wait_for()
    people.looks.at(ben, "reassign-changed", "en")
    expect(local.incident(id)["status"] == "acknowledged", local.incident(id))


def rating_and_writing(people):
    """a priority is raised by one, a note is written in Markdown, and the other responder's page follows; whoever only looks can neither"""
    local = people.local
    ben, aiko, stan = people.signed_in("ben", "en-GB"), people.signed_in("aiko", "ja-JP"), people.signed_in("stan", "en-GB")
    ben.goto(f"{local.url}/app/open?service=checkout&severity=warning&title=%E9%81%85%E3%81%84")
    ben.tap("form.primary button")
    ben.wait_for_url("**/app/incidents/*")
    id = ben.url.rsplit("/", 1)[1]
    aiko.goto(f"{local.url}/app/incidents/{id}")
    ben.goto(f"{local.url}/app/incidents/{id}")
    ben.click("summary:has-text('Raise the priority')")
    ben.click("text=Yes, raise it")
    ben.get_by_text("Raise the priority: SEV1").wait_for()
    expect(local.incident(id)["priority"] == "SEV2", local.incident(id))
    ben.click("a[href$='/notes']")
    people.looks.at(ben, "note", "en")
    ben.fill("#text", "**戻しました** `41` <script>alert(1)</script>\n\n- [グラフ](https://graphs.example.com/a)\n- ![x](https://evil.example/x.png)")
    ben.click("form.fields button")
    ben.wait_for_selector(".note strong")
    written_at = time.monotonic()
    aiko.get_by_text("戻しました").first.wait_for(timeout=FOLLOWS_WITHIN_SECONDS * 1000)
    expect(time.monotonic() - written_at < FOLLOWS_WITHIN_SECONDS + 1, "the other page was late")
    expect(aiko.query_selector(".note img") is None and aiko.query_selector(".note script") is None, aiko.inner_html(".note"))
    people.looks.at(aiko, "incident-noted", "ja")
    people.looks.at(ben, "incident-noted", "en")
    aiko.goto(f"{local.url}/app/incidents/{id}/notes")
    people.looks.at(aiko, "note", "ja")
    for page, language in ((aiko, "ja"), (ben, "en")):
        page.goto(f"{local.url}/app/incidents/{id}/alerts")
        people.looks.at(page, "alerts", language)
    stan.goto(f"{local.url}/app/incidents/{id}")
    expect(stan.query_selector(".more") is None, "who only looks is offered something")
    for what in ("reassign", "request-responders", "notes"):
        expect(stan.goto(f"{local.url}/app/incidents/{id}/{what}").status == 403, f"who only looks may {what}")


def taking_a_storm(people):
    """everything of a team that nobody has is taken with one tap, after the page has named it; a guest takes nothing of others"""
    local = people.local
    ids = [local.alarm(f"checkout-storm-{number}", "嵐") for number in range(4)]
    other = local.alarm("database-storm", "別のチームの件")
    gus = people.signed_in("gus", "ja-JP")
    gus.goto(f"{local.url}/app?show=teams")
    gus.click("a[href*='/app/bundle']")
    shown = gus.inner_text("main")
    expect(all(f"checkout-storm-{number}" in shown for number in range(4)) and "database-storm" not in shown, shown)
    people.looks.at(gus, "bundle", "ja")
    expect(local.incident(ids[0])["status"] == "triggered", "looking took something")
    gus.tap("form.primary button")
    gus.wait_for_url("**/app?show=teams")
    expect(all(local.incident(id)["status"] == "acknowledged" for id in ids), [local.incident(id)["status"] for id in ids])
    expect(local.incident(other)["status"] == "triggered", local.incident(other))
    ben = people.signed_in("ben", "en-GB")
    ben.goto(f"{local.url}/app/bundle?show=all")
    people.looks.at(ben, "bundle", "en")
    stan = people.signed_in("stan", "en-GB")
    stan.goto(f"{local.url}/app/bundle?show=all")
    expect(stan.query_selector("form.primary") is None, "who only looks may take everything")


def calls(local, id):
    """Who is being called."""
    return local.incident(id)["calling"]


ALL = [calling_others_in, changed_meanwhile, rating_and_writing, taking_a_storm]
