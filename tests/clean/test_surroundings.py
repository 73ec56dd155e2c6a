"""What surrounds a policy is left out, however it is named, and a policy that is within such a name is kept."""

import time

import pytest

from extractor.clean import clean
from extractor.records import Snapshot

POLICY = """<h1>Privacy Policy</h1>
<p>Marlow Ferries runs the boats between the island and the mainland. This policy says what we learn about you.</p>
<h2>What we collect</h2>
<p>We collect your name, your telephone number and your e-mail address when you book a crossing with us.</p>
<p>The web server notes the address of your computer and the pages that you looked at in a log file.</p>
<h2>Cookies</h2>
<p>We set one cookie, which remembers the date of travel while you fill in the form, and no others.</p>
<h2>Who else sees it</h2>
<p>The harbour master receives the list of passengers. We do not sell personal information to third parties.</p>
<h2>Your rights</h2>
<p>Write to the office if you want to see or correct your personal information, or to have it deleted.</p>"""
LONG_POLICY = POLICY + "".join(
    f"""<h2>Crossing {number}</h2><p>For the boat to {place} we also collect the personal information that the law of
    {place} asks for: a passport number, a date of birth and an address there.</p><p>We disclose it to the police of
    {place} and to no other third party, and your data is deleted after {number + 2} months.</p>"""
    for number, place in enumerate("Aldery Brockhou Casquet Dixcart Ecrehou Fermain Grosnez Herm Icart Jethou".split())
)
MENU = '<ul class="menu"><li><a href="/">Home</a><li><a href="/boats">Boats</a><li><a href="/fares">Fares</a></ul>'
KEPT = ("book a crossing", "log file", "remembers the date of travel", "harbour master", "see or correct")


def text_of(body: str, title: str = "Privacy Policy - Marlow Ferries") -> str:
    """The text of a page's document."""
    return clean(Snapshot(f"<html><head><title>{title}</title></head><body>{body}</body></html>".encode())).text


BANNERS = {
    "onetrust": """<div id="onetrust-consent-sdk"><div class="onetrust-pc-dark-filter ot-hide"></div>
        <div id="onetrust-banner-sdk" class="otFlat bottom" role="region"><div id="onetrust-policy"><p
        id="onetrust-policy-text">Marlow Ferries and its partners store SURPLUS on your device to measure traffic and
        to show offers.</p></div><button>Cookie Settings</button><button>Accept All Cookies</button></div>
        <div id="onetrust-pc-sdk" class="otPcCenter" role="alertdialog"><h2>Privacy Preference Center</h2><p>When you
        visit any site, it may store information about you, your preferences or your device.</p><h3>Strictly Necessary
        Cookies</h3><div>Always Active</div><p>These SURPLUS are needed for the site to work and cannot be switched off.
        </p><h3>Targeting Cookies</h3><p>Our advertising partners may build a profile of your interests.</p></div></div>
        """,
    "cookiebot": """<div id="CybotCookiebotDialog" role="dialog"><h2>This site uses cookies</h2><p>We use SURPLUS to
        personalise content and to analyse our traffic. We also share information about your use of our site with our
        partners.</p><table><tr><th>Name</th><th>Provider</th><th>Purpose</th></tr><tr><td>_ga</td><td>Google</td><td>
        Registers a unique number for SURPLUS statistics</td></tr></table><a>Allow all</a><a>Show details</a></div>""",
    "webtoffee": """<div id="cookie-law-info-bar" data-nosnippet="true"><span>We use SURPLUS to make your visit better.
        <a>Cookie settings</a><a>ACCEPT</a></span></div><div class="cli-modal" id="cliSettingsPopup" role="dialog"><h4>
        Privacy Overview</h4><p>Out of these, the SURPLUS that are necessary are stored on your browser.</p><div>Always
        Enabled</div></div>""",
    "cookieyes": """<div class="cky-consent-container"><p>We value your privacy</p><p>We use SURPLUS to serve ads.</p>
        <button>Customise</button><button>Reject All</button><button>Accept All</button></div>""",
    "complianz": """<div id="cmplz-cookiebanner-container"><div class="cmplz-cookiebanner" role="dialog"><div>Manage
        consent</div><p>We use SURPLUS and similar technologies to store and access device information.</p><div>
        Functional</div><div>Always active</div><p>The technical storage is strictly necessary for the SURPLUS purpose
        of enabling a service that you explicitly requested.</p></div></div>""",
    "borlabs": """<div id="BorlabsCookieBox" class="BorlabsCookie" role="dialog"><p>Privacy Preference</p><p>We need
        your consent before you can continue. Some SURPLUS are essential, others help us to improve this site.</p><a>
        Accept all</a><a>Save</a></div>""",
    "quantcast": """<div id="qc-cmp2-container"><div id="qc-cmp2-ui" role="dialog"><h2>We value your privacy</h2><p>We
        and our partners store SURPLUS and process personal data, such as unique identifiers, for personalised ads.</p>
        <button>MORE OPTIONS</button><button>AGREE</button></div></div>""",
    "trustarc": """<div id="truste-consent-track"><div id="truste-consent-content"><div>This site uses SURPLUS from us
        and from our partners to deliver the services.</div><button>Agree and proceed</button></div></div>""",
    "didomi": """<div id="didomi-host"><div class="didomi-popup-container"><h1>Welcome</h1><p>With your agreement, we
        use SURPLUS or similar technologies to store and to process personal data like your visit to this site.</p>
        <button>Disagree and close</button></div></div>""",
    "usercentrics": """<div id="usercentrics-root"><h2>Privacy settings</h2><p>This tool helps you to select tags,
        trackers and SURPLUS used on this site.</p><button>Deny</button><button>Accept All</button></div>""",
    "osano": """<div class="osano-cm-window"><div class="osano-cm-dialog" role="dialog"><span>This site stores SURPLUS
        to tailor your experience and for analytics.</span><button>Accept</button></div></div>""",
    "cookieconsent": """<div role="dialog" class="cc-window cc-banner cc-bottom"><span id="cookieconsent:desc">This
        website uses SURPLUS to ensure you get the best experience. <a>Learn more</a></span><a>Got it!</a></div>""",
    "termly": """<div id="termly-code-snippet-support"><div class="t-consentPrompt"><p>We use SURPLUS to enhance
        browsing and to analyse site traffic.</p><button>Preferences</button><button>Decline</button></div></div>""",
    "klaro": """<div id="klaro"><div class="klaro"><div class="cookie-notice"><p>Hi! Could we please enable SURPLUS for
        analytics and marketing?</p><button>I decline</button><button>That's ok</button></div></div></div>""",
    "iubenda": """<div id="iubenda-cs-banner" role="alertdialog"><div>We and selected third parties use SURPLUS for
        technical purposes and, with your consent, for other purposes.</div><button>Accept</button></div>""",
    "cookie-notice": """<div id="cookie-notice" role="banner" class="cn-bottom"><div class="cookie-notice-container">
        <span>We use SURPLUS to ensure that we give you the best experience. If you continue to use this site we will
        assume that you are happy with it.</span><a>Ok</a><a>Privacy policy</a></div></div>""",
    "wordpress": """<div class="widget widget_eu_cookie_law_widget"><div id="eu-cookie-law"><form><input type=submit
        value="Close and accept"></form>Privacy &amp; Cookies: This site uses SURPLUS. By continuing to use this
        website, you agree to their use. To find out more, including how to control cookies, see here: <a>Cookie
        Policy</a></div></div>""",
    "drupal": """<div id="sliding-popup" class="sliding-popup-bottom"><div class="eu-cookie-compliance-banner"><h2>We
        use cookies on this site</h2><p>By clicking the button, you agree to SURPLUS being set.</p><button>OK, I agree
        </button><button>No, thanks</button></div></div>""",
    "hubspot": """<div id="hs-eu-cookie-confirmation"><p>This website stores SURPLUS on your computer. They are used to
        collect information about how you interact with our website. If you decline, a single one will be used.</p>
        <a>Accept</a><a>Decline</a></div>""",
    "moove": """<aside id="moove_gdpr_cookie_info_bar"><p>We are using SURPLUS to give you the best experience on our
        website. You can find out more in the settings.</p><button>Accept</button></aside>""",
    "shopify": """<div id="shopify-pc__banner" role="alertdialog"><h2>Cookie consent</h2><p>We and our partners,
        including Shopify, use SURPLUS to personalise your experience and to show you ads.</p><button>Decline</button>
        </div>""",
    "own-name": """<div class="site-cookie-banner"><p>We use SURPLUS to improve your experience of this site.</p><a>Find
        out more</a><button>Accept</button></div>""",
    "own-overlay": """<div class="gdpr-overlay"><div class="gdpr-modal-body"><p>To comply with the cookie directive we
        ask you for permission to set SURPLUS.</p><a>I accept</a><a>I refuse</a></div></div>""",
    "role-alone": """<div role="dialog" aria-label="notice"><p>This shop uses cookies and SURPLUS to remember you.</p>
        <button>Accept</button><button>Decline</button></div>""",
    "no-name-buttons": """<div class="fixed-bottom bg-dark"><p>Our website uses cookies and SURPLUS so that you get the
        best from your visit to it.</p><p><a>Accept all</a></p><p><a>Reject all</a></p></div>""",
    "no-name-one-line": """<div class="x17">We use cookies and SURPLUS to improve this site. By going on you agree. <a>
        More</a> <a>Got it!</a></div>""",
    "table-layout": """<table class="cookiebar"><tr><td>This site sets cookies and SURPLUS. By using it you agree to
        them.</td><td><a>OK</a></td></tr></table>""",
}


@pytest.mark.parametrize("policy", [POLICY, LONG_POLICY], ids=["short", "long"])
@pytest.mark.parametrize("is_first", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("banner", BANNERS.values(), ids=BANNERS)
def test_clean_page_with_consent_banner_has_the_policy_alone(banner, is_first, policy):
    page = f"{banner if is_first else ''}{MENU}<div class=content>{policy}</div>{'' if is_first else banner}"
    text = text_of(page)
    assert [words for words in KEPT if words not in text] == []
    assert "SURPLUS" not in text


OTHERS = {
    "newsletter": """<div class="newsletter-popup"><h3>Sail with us</h3><p>Subscribe to our newsletter and hear of
        SURPLUS before everybody else does.</p><input type=email><button>Sign up</button></div>""",
    "sign-up-modal": """<div class="modal fade" id="signupModal"><div class="modal-dialog"><h4>Join the club</h4><p>
        Create an account and save SURPLUS on the first crossing that you book this summer.</p></div></div>""",
    "login-modal": """<div id="login-modal"><p>Log in</p><p>Forgot your password? Type in the e-mail address that you
        gave us and SURPLUS will be sent to it.</p></div>""",
    "quote-form": """<div class="globalModalForm"><h4>Get a free quote now</h4><p>By clicking the button you agree that
        SURPLUS calls you about boats for weddings and outings.</p></div>""",
    "survey": """<dialog open><p>Would you help us? Take part in our survey of SURPLUS: it only takes two minutes of
        your time.</p><button>No, thank you</button></dialog>""",
    "comments": """<div id="comments" class="comments-area"><h2 class="comments-title">2 thoughts on &ldquo;Privacy
        Policy&rdquo;</h2><ol class="comment-list"><li><p>Edith says:</p><p>I lost my SURPLUS on the boat last week, has
        anybody seen it?</p></li><li><p>Tom says:</p><p>Try the lost property office near the pier, they found mine
        there.</p><a>Reply</a></li></ol></div>""",
    "first-comment": """<ol class="commentlist"><li class="comment even depth-1"><p>Edith, 3 days ago</p><p>What a fine
        crossing it was, with SURPLUS on deck and dolphins beside us!</p><a>Reply</a></li></ol>""",
    "comments-without-name": """<h3>3 Responses to Privacy Policy</h3><p>Edith says:</p><p>What a fine crossing it was,
        with SURPLUS on deck and dolphins beside us!</p><p>Tom says:</p><p>We took the early boat and saw none of them,
        only rain and fog all day.</p><h3>Leave a Reply</h3>""",
    "latest-news": """<div class="latest"><h3>Latest stories</h3><h4><a href="/1">Harbour wall repaired</a></h4><p>The
        SURPLUS that the storm broke in March has been put together again by six masons.</p></div>""",
    "related-posts": """<section class="related-posts"><h3>You may also like</h3><article><h4><a href="/2">Ten walks
        </a></h4><p>From the pier it is an hour to SURPLUS and back, with a view of both lighthouses.</p></article>
        </section>""",
    "most-read": """<ul><li class="most-popular-article"><a href="/3">The captain retires</a><p>After forty years at the
        wheel of SURPLUS he wants to grow tomatoes and to sleep late.</p></li></ul>""",
    "footer": """<div id="footer"><div class="col"><h5>About Marlow</h5><p>Since 1911 our white boats have carried
        SURPLUS, sheep and holiday guests across the sound in any weather.</p></div><p>&copy; 2021 Marlow Ferries. All
        rights reserved.</p><a href=/a>Jobs</a> <a href=/b>Press</a> <a href=/c>Terms</a></div>""",
}


@pytest.mark.parametrize("policy", [POLICY, LONG_POLICY], ids=["short", "long"])
@pytest.mark.parametrize("surplus", OTHERS.values(), ids=OTHERS)
def test_clean_page_with_other_surroundings_has_the_policy_alone(surplus, policy):
    text = text_of(f"{MENU}<div class=content>{policy}</div>{surplus}")
    assert [words for words in KEPT if words not in text] == []
    assert "SURPLUS" not in text


HOLDERS = [
    "<div id='cookie-policy-content'>{}</div>",
    "<div class='cookie-notice'>{}</div>",
    "<div class='privacy-popup'>{}</div>",
    "<div class='popup'>{}</div>",
    "<dialog class='modal fade'><div class='modal-body'>{}</div></dialog>",
    "<div role='dialog'>{}</div>",
    "<footer><div class='footer-inner'>{}</div></footer>",
    "<div class='news'>{}</div>",
    "<div class='latest comments'>{}</div>",
    "<div class='newsletter-signup'>{}</div>",
    "<div id='gdpr-privacy-center'>{}</div>",
    "<div id='onetrust-consent-sdk'>{}</div>",
    "<body class='cookie-banner-visible modal-open'><main class='login-page'>{}</main></body>",
]


@pytest.mark.parametrize("holder", HOLDERS)
def test_clean_policy_within_the_name_of_a_surrounding_is_kept(holder):
    text = text_of(f"{MENU}<h1>Boats</h1><p>Book a boat here.</p>{holder.format(POLICY)}")
    assert [words for words in KEPT if words not in text] == []


PARTS = {
    "cookie-list": """<div class="cmplz-document"><h2>List of cookies</h2><p>These are the cookies of our site: the one
        called KEEPIT remembers your seat.</p></div>""",
    "cookiebot-declaration": """<div class="CookieDeclaration"><p>Marketing cookies are used to follow visitors across
        sites. The intention of KEEPIT is to show ads.</p></div>""",
    "dialog-of-a-layered-policy": """<div class="modal"><h3>Retention</h3><p>We keep your personal information, with
        KEEPIT, for as long as the law on passenger lists requires.</p><a>Close</a></div>""",
    "own-cookie-settings": """<h2 id="cookie-settings">Cookie settings</h2><p>You can tell your browser to accept or to
        reject cookies, and KEEPIT will still work.</p>""",
    "address-in-footer": "<footer class='policy-footer'><p>KEEPIT, Marlow Ferries, Harbour Road, Marlow.</p></footer>",
    "comments-wanted": """<h2>Comments</h2><p>If you have comments on this policy or questions about KEEPIT, write to
        the privacy office at the harbour.</p>""",
    "cookies-you-accept": """<ul><li>how we set cookies for KEEPIT and how to choose which of them you accept</li></ul>
        """,
}


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
def test_clean_part_of_the_policy_with_such_a_name_is_kept(part):
    assert "KEEPIT" in text_of(f"{MENU}<div class=content>{POLICY}{part}</div>")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("<div class='d-none d-md-block'>{}</div>", "<div class='d-md-none'>{}</div>"),
        ("<div id='desktop'>{}</div>", "<div id='mobile'><div class='accordion'>{}</div></div>"),
        ("<section>{}</section>", "<section>{}</section>"),
    ],
)
def test_clean_page_with_copies_for_two_screens_has_one(first, second):
    text = text_of(f"{MENU}{first.format(POLICY)}{second.format(POLICY)}")
    assert [text.count(words) for words in KEPT] == [1] * len(KEPT)


def test_clean_copy_with_a_paragraph_more_keeps_that_paragraph():
    more = POLICY + "<p>Dogs travel free of charge, and we collect the name of the dog and its race as well.</p>"
    text = text_of(f"{MENU}<div id=a>{POLICY}</div><div id=b>{more}</div>")
    assert text.count("harbour master") == 1
    assert "name of the dog" in text


def test_clean_sentences_repeated_within_a_policy_stay():
    again = "<p>We do not disclose your personal information to third parties unless a court tells us to do so.</p>"
    sections = "".join(f"<div><h2>Boat {boat}</h2>{again}<p>It has {boat} seats.</p></div>" for boat in "abcdefgh")
    assert text_of(f"{MENU}<div>{POLICY}{sections}</div>").count("unless a court") == 8


def test_clean_page_that_is_a_banner_alone_keeps_it():
    assert "partners store SURPLUS" in text_of(BANNERS["onetrust"])


@pytest.mark.parametrize(
    "unit",
    ["<div class='modal'>", "<div id='cookie-banner'><p>We use cookies here. Accept</p>", "<p>cookie . </p><p>ok</p>"],
)
def test_clean_hostile_page_takes_linear_time(unit):
    seconds = []
    for count in (2_000, 8_000):
        start = time.process_time()
        text_of(POLICY + unit * count)
        seconds.append(time.process_time() - start)
    assert seconds[1] < 12 * seconds[0] + 0.5
