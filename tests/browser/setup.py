"""What is set up: services, teams, suppressed alerts, the configuration, keys and the audit log, as the right role and the wrong one."""

import urllib.error
import urllib.request

from local import expect


def looking_at_what_is_set_up(people):
    """services, teams and the configuration are shown to those who may see them, a guest sees their own team's, and nothing leads to a closed door"""
    local = people.local
    for user, locale, language in (("aiko", "ja-JP", "ja"), ("ben", "en-GB", "en")):
        page = people.signed_in(user, locale)
        page.goto(f"{local.url}/app")
        page.tap("nav a[href='/app/more']")
        people.looks.at(page, "more", language)
        for name, path in (("services", "/app/services"), ("service", "/app/services/checkout"), ("teams", "/app/teams"), ("team", "/app/teams/shop"), ("configuration", "/app/configuration")):
            page.goto(local.url + path)
            people.looks.at(page, name, language)
        expect("/app/audit" not in page.goto(f"{local.url}/app/more").text(), "who is no admin is led to the audit log")
    gus = people.signed_in("gus", "ja-JP")
    gus.goto(f"{local.url}/app/services")
    expect("決済" in gus.inner_text("main") and "データベース" not in gus.inner_text("main"), gus.inner_text("main"))
    people.looks.at(gus, "services-of-a-guest", "ja")
    for path in ("/app/services/database", "/app/teams/data", "/app/configuration", "/app/keys", "/app/audit"):
        expect(gus.goto(local.url + path).status == 404, f"a guest sees {path}")
    gus.goto(f"{local.url}/app/more")
    for link in [one.get_attribute("href") for one in gus.query_selector_all("main a")]:
        expect(gus.goto(local.url + link).status == 200, f"a guest is led to {link}")


def an_incident_of_a_suppressed_alert(people):
    """what was suppressed is listed with the rule, an incident is made of it after the page has said whom that calls, and whoever only looks may not"""
    local = people.local
    local.alarm("checkout-quiet", "計画停止中の警告")
    before = open_titles(local)
    for user, locale, language in (("ben", "en-GB", "en"), ("aiko", "ja-JP", "ja")):
        page = people.signed_in(user, locale)
        page.goto(f"{local.url}/app/suppressed")
        people.looks.at(page, "suppressed", language)
        page.tap("main ul a")
        people.looks.at(page, "suppressed-one", language)
    stan = people.signed_in("stan", "en-GB")
    stan.goto(page.url)
    expect(stan.query_selector("main form") is None, "who only looks may make an incident of it")
    page.tap("summary")
    people.looks.at(page, "suppressed-asked", "ja")
    expect(open_titles(local) == before, "looking has opened something")
    page.tap("details form button")
    page.wait_for_url("**/app/incidents/*")
    expect(len(open_titles(local)) == len(before) + 1, open_titles(local))


def maintenance(people):
    """maintenance is begun after the page has said what it does, holds what comes in, and its end pages; a guest may not"""
    local = people.local
    aiko, ben = people.signed_in("aiko", "ja-JP"), people.signed_in("ben", "en-GB")
    for page, language in ((aiko, "ja"), (ben, "en")):
        page.goto(f"{local.url}/app/maintenance")
        people.looks.at(page, "maintenance", language)
        page.tap("a[href='/app/maintenance/begin']")
        people.looks.at(page, "maintenance-begin", language)
        page.select_option("#service", "rota")
        page.fill("#reason", "棚卸し")
        page.tap("form.fields button")
        people.looks.at(page, "maintenance-asked", language)
    expect(not windows(local), "looking has begun something")
    aiko.tap("form.primary button")
    aiko.wait_for_url("**?done=begun")
    people.looks.at(aiko, "maintenance-begun", "ja")
    expect(len(windows(local)) == 1, windows(local))
    gus = people.signed_in("gus", "ja-JP")
    gus.goto(f"{local.url}/app/maintenance")
    expect(gus.query_selector("main form") is None, "a guest may end it")
    expect(gus.goto(f"{local.url}/app/maintenance/begin").status == 403, "a guest may begin it")
    ben.goto(f"{local.url}/app/maintenance")
    ben.tap("summary")
    people.looks.at(ben, "maintenance-ending", "en")
    ben.tap("details form button")
    ben.wait_for_url("**?done=ended")
    expect(not windows(local), windows(local))


def keys_and_the_log(people):
    """a key is made, shown once, lets events in, and is revoked; the audit log tells both, and nobody but admins sees it"""
    local = people.local
    ada = people.signed_in("ada", "ja-JP")
    ada.goto(f"{local.url}/app/keys")
    people.looks.at(ada, "keys", "ja")
    expect(ada.query_selector("form[action='/app/keys/tokens']") is None, "an admin may make a token")
    ada.tap("main ul a")
    people.looks.at(ada, "keys-of-one", "ja")
    ada.tap("section > form button")
    secret = ada.inner_text("pre")
    people.looks.at(ada, "key-made", "ja")
    expect(event(local, secret) == 202, "the key opens nothing")
    ada.goto(f"{local.url}/app/keys/integrations/shop")
    expect(secret not in ada.content(), "the secret is shown again")
    ada.tap("summary")
    ada.tap("details form button")
    ada.wait_for_url("**?done=revoked")
    people.looks.at(ada, "key-revoked", "ja")
    expect(event(local, secret) != 202, "the key is revoked, and opens")
    ada.goto(f"{local.url}/app/audit")
    said = ada.inner_text("main")
    expect("受信元shopのキー" in said and "無効化" in said and "リンクでサインイン" in said, said)
    people.looks.at(ada, "audit", "ja")
    ben = people.signed_in("ben", "en-GB")
    for path in ("/app/keys", "/app/keys/integrations/shop", "/app/audit"):
        expect(ben.goto(local.url + path).status == 404, f"a responder sees {path}")
    oki = people.signed_in("oki", "en-GB")
    oki.goto(f"{local.url}/app/keys")
    oki.fill("#name", "ci.browser")
    people.looks.at(oki, "keys-of-an-owner", "en")
    oki.tap("form[action='/app/keys/tokens'] button")
    token = oki.inner_text("pre")
    people.looks.at(oki, "token-made", "en")
    expect(asks(local, token) == 200, "the token is not known")
    oki.goto(f"{local.url}/app/audit")
    people.looks.at(oki, "audit", "en")


def open_titles(local):
    return sorted(one["title"] for one in local.get("/incidents?status=open")["incidents"])


def windows(local):
    """The maintenance windows that are open."""
    return [one for one in local.get("/maintenance")["windows"] if one["state"] == "open"]


def event(local, key):
    """What a sender hears."""
    body = b'{"routing_key":"%s","event_action":"trigger","payload":{"summary":"slow","severity":"info","source":"web-1"}}' % key.encode()
    return status(urllib.request.Request(f"{local.url}/v2/enqueue", body, {"Content-Type": "application/json"}))


def asks(local, token):
    return status(urllib.request.Request(f"{local.url}/services", headers={"Authorization": f"Bearer {token}"}))


def status(request):
    try:
        return urllib.request.urlopen(request, timeout=10).status
    except urllib.error.HTTPError as error:
        return error.code


ALL = [looking_at_what_is_set_up, an_incident_of_a_suppressed_alert, maintenance, keys_and_the_log]
