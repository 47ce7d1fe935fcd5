"""Shifts that change hands: the calendar of a schedule, somebody else who takes a shift, and swaps."""

from local import eventually, expect, linked

FOLLOWS_WITHIN_SECONDS = 2.5


def calling_up_a_calendar(people):
    """a schedule is a calendar with its gaps, and moves by its links"""
    local = people.local
    for user, locale, language in (("aiko", "ja-JP", "ja"), ("ben", "en-GB", "en")):
        page = people.signed_in(user, locale)
        for schedule in ("rota", "nights"):
            page.goto(f"{local.url}/app/schedules/{schedule}?weeks=1")
            people.looks.at(page, f"calendar-{schedule}", language)
        expect(page.locator("svg .nobody").count() > 0 and page.locator("strong.gap").count() > 0, "the gaps are not shown")
        page.goto(f"{local.url}/app/schedules/rota?weeks=4")
        expect(page.locator("svg.week").count() == 4, page.locator("svg.week").count())
        people.looks.at(page, "calendar-four-weeks", language)
        seen = page.inner_text("table")
        page.locator(".tabs a").nth(2).click()
        expect(page.inner_text("table") != seen, "the next four weeks are the same")
    dark = people.browser.new_context(locale="ja-JP", viewport={"width": 390, "height": 844}, color_scheme="dark")
    dark.add_cookies(people.contexts["aiko"].cookies())
    page = dark.new_page()
    page.goto(f"{local.url}/app/schedules/rota?weeks=2")
    people.looks.at(page, "calendar-dark", "ja")
    dark.close()
    stan = people.signed_in("stan", "en-GB")
    stan.goto(f"{local.url}/app/schedules/rota")
    expect(stan.locator("svg a, a.change").count() == 0, "who only looks can change a shift")
    gus = people.signed_in("gus", "ja-JP")
    expect(gus.goto(f"{local.url}/app/schedules/data").status == 404, "a guest sees another team's schedule")


def somebody_else_takes_it(people):
    """a tap on a band, who, and a sentence: somebody else is on call, is told, and it is taken back; only those may who may"""
    local = people.local
    listed = "/schedules/rota/overrides"
    for user, locale, language, other in (("aiko", "ja-JP", "ja", "ben"), ("ben", "en-GB", "en", "aiko")):
        page = people.signed_in(user, locale)
        # The next two weeks hold a shift of each of both that has not begun.
        page.goto(f"{local.url}/app/schedules/rota?weeks=4")
        page.locator(f"svg a[href*='of={user}']").last.tap()
        page.wait_for_url("**/override?**")
        people.looks.at(page, "override-who", language)
        page.locator(f"a[href*='by={other}']").first.click()
        people.looks.at(page, "override-question", language)
        expect(not local.get(listed)["overrides"], "asking has changed something")
        before = len(local.sent(f"{other}@example.com"))
        page.tap("form.primary button")
        page.wait_for_url("**?made=*")
        people.looks.at(page, "override-made", language)
        made = local.get(listed)["overrides"]
        expect(len(made) == 1 and made[0]["change"] == {"replace": {"user": user, "by": [other]}}, made)
        eventually("the other is told", lambda: len(local.sent(f"{other}@example.com")) > before)
        page.locator("li.new summary").click()
        page.locator("li.new form button").click()
        page.wait_for_url("**/app/schedules/rota")
        expect(not local.get(listed)["overrides"], local.get(listed))
    gus = people.signed_in("gus", "ja-JP")
    gus.goto(f"{local.url}/app/schedules/rota?weeks=4")
    gus.locator("svg a[href*='of=aiko']").last.tap()
    gus.wait_for_url("**/override?**")
    expect(gus.locator("a[href*='by=gus']").count() == 1 and gus.locator("a[href*='by=ben']").count() == 0, "a guest decides for others")


def swapping(people):
    """one asks, the other is told and says yes, and both have the other's shift; nobody else can answer"""
    local = people.local
    aiko, ben = people.signed_in("aiko", "ja-JP"), people.signed_in("ben", "en-GB")
    ben.goto(f"{local.url}/app/on-call")
    aiko.goto(f"{local.url}/app/schedules/rota?weeks=4")
    aiko.locator("svg a[href*='of=aiko']").last.tap()
    aiko.wait_for_url("**/override?**")
    aiko.locator("a[href*='/swap?']").click()
    people.looks.at(aiko, "swap-which", "ja")
    aiko.locator("a[href*='with=ben']").first.click()
    people.looks.at(aiko, "swap-question", "ja")
    aiko.tap("form.primary button")
    aiko.wait_for_url("**/app/swaps/*")
    people.looks.at(aiko, "swap-asked", "ja")
    expect(not local.get("/schedules/rota/overrides")["overrides"], "asking has changed something")
    # The other's open page shows it by itself.
    ben.locator("a[href*='/app/swaps/']").first.wait_for(timeout=FOLLOWS_WITHIN_SECONDS * 1000)
    people.looks.at(ben, "on-call-swap", "en")
    stan = people.signed_in("stan", "en-GB")
    expect(stan.goto(aiko.url).status == 404, "somebody else sees the swap")
    mail = eventually("the other is told", lambda: [text for text in local.sent("ben@example.com") if "/w/" in text])[-1]
    link = people.stranger("en-GB")
    link.goto(linked(mail))
    people.looks.at(link, "swap-link", "en")
    ben.locator("a[href*='/app/swaps/']").first.click()
    people.looks.at(ben, "swap-to-answer", "en")
    ben.tap("form.primary button")
    ben.wait_for_selector("text=It is agreed")
    people.looks.at(ben, "swap-agreed", "en")
    made = local.get("/schedules/rota/overrides")["overrides"]
    expect(sorted(one["change"]["replace"]["user"] for one in made) == ["aiko", "ben"], made)
    link.reload()
    expect("It is agreed" in link.inner_text("main"), link.inner_text("main"))
    aiko.reload()
    people.looks.at(aiko, "swap-agreed", "ja")


ALL = [calling_up_a_calendar, somebody_else_takes_it, swapping]
