"""Passkeys, with the browser's own authenticator in software (Chrome DevTools Protocol, domain WebAuthn)."""

from local import expect

AUTHENTICATOR = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}


def with_device(page):
    """The page's device has a place for passkeys from now on. What is asked of it, and its name there."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    return devtools, devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})["authenticatorId"]


def signing_in_with_a_passkey(people):
    """somebody adds a passkey on their own page, signs in with it without a name or a mail, and not any more after it is removed"""
    for user, locale, language, size in (("aiko", "ja-JP", "ja", (390, 844)), ("ben", "en-GB", "en", (1280, 900))):
        page = people.signed_in(user, locale)
        page.set_viewport_size({"width": size[0], "height": size[1]})
        device, name = with_device(page)
        add_one(people, page, language)
        kept = device.send("WebAuthn.getCredentials", {"authenticatorId": name})["credentials"]
        expect(len(kept) == 1 and kept[0]["isResidentCredential"] and kept[0]["rpId"] == "localhost", kept)
        told = people.local.sent(f"{user}@example.com")[-1]
        expect({"ja": "パスキー「電話」", "en": 'The passkey "電話"'}[language] in told, told)
        sign_out(people, page)
        people.looks.at(page, "sign-in-passkey", language)
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.click("form[data-passkey] button")
        page.wait_for_url(f"{people.local.url}/app/on-call")
        page.goto(f"{people.local.url}/app/me")
        expect({"ja": "最後の利用", "en": "last used"}[language] in page.inner_text(".passkeys"), page.inner_text(".passkeys"))
        people.looks.at(page, "me-passkey", language)
        page.click(".passkeys li button")
        page.wait_for_load_state()
        expect(page.query_selector(".passkeys li") is None, page.inner_text(".passkeys"))
        sign_out(people, page)
        page.click("form[data-passkey] button")
        page.wait_for_url("**/sign-in/passkey")
        expect({"ja": "このパスキーではサインインできません", "en": "This passkey does not sign in"}[language] in page.inner_text("main"), page.inner_text("main"))
        people.looks.at(page, "passkey-refused", language)
        page.goto(f"{people.local.url}/app")
        expect("/sign-in" in page.url, page.url)
        del people.contexts[user]


def without_a_passkey(people):
    """a device without a passkey, a person who says no and a browser without scripts are told that the mail is the way"""
    page = people.stranger()
    device, name = with_device(page)
    page.goto(f"{people.local.url}/sign-in")
    # Nobody shows the device who they are.
    device.send("WebAuthn.setUserVerified", {"authenticatorId": name, "isUserVerified": False})
    page.click("form[data-passkey] button")
    page.get_by_text("パスキーは使われませんでした").wait_for()
    people.looks.at(page, "passkey-nothing", "ja")
    context = people.browser.new_context(java_script_enabled=False, locale="ja-JP")
    plain = context.new_page()
    plain.goto(f"{people.local.url}/sign-in")
    expect("メールのリンクでサインイン" in plain.inner_text("main") and not plain.is_visible("form[data-passkey]"), plain.inner_text("main"))
    context.close()


def add_one(people, page, language):
    page.goto(f"{people.local.url}/app/me")
    page.fill("#passkey-name", "電話")
    people.looks.at(page, "me-passkey-adding", language)
    page.click(".passkeys form[data-passkey] button")
    page.wait_for_selector(".passkeys li")
    expect("電話" in page.inner_text(".passkeys li"), page.inner_text(".passkeys"))


def sign_out(people, page):
    page.click("form[action='/sign-out'] button")
    page.wait_for_url("**/sign-in")
    # Where they wanted to go is where they get.
    page.goto(f"{people.local.url}/app/on-call")
    expect("/sign-in?to=" in page.url, page.url)
