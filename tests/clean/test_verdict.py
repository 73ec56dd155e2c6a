"""The verdict of `clean`: short notices are policies; error pages, walls and the like are not."""

import pytest

from extractor.clean import clean
from extractor.records import Capture, Snapshot


def document(body: str, title: str = "", head: str = "", content_type: str = "text/html"):
    content = f"<!DOCTYPE html><html><head><title>{title}</title>{head}</head><body>{body}</body></html>".encode()
    return clean(
        Snapshot(
            content, Capture("", "20100101000000", "http://a.example/privacy"), content_type=content_type, status=200
        )
    )


def p(*paragraphs: str) -> str:
    return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)


FOOTER = '<div><a href="/privacy">Privacy Policy</a> | <a href="/terms">Terms of Use</a> | <a href="/contact">Contact</a></div>'
NOTICES = {
    "newsletter": p(
        "The Willow Lane Garden Society keeps the names and e-mail addresses of people who ask for our newsletter.",
        "We use them to send the newsletter and for nothing else. We never sell or lend our list to anyone.",
        "To leave the list, write to the secretary at any time and your address will be deleted within a week.",
    ),
    "nineties": "<center><h2>Our Privacy Policy</h2></center><font size=2>This site does not collect any personal information "
    "about visitors. We do count how often each page is read, from the server's log files, which hold the address of your "
    "computer and the time of your visit. The logs are thrown away every month. If you send us e-mail we use your address to "
    "answer you, and we do not give it to anybody else. This site has no cookies.</font>",
    "children": "<h1>Privacy notice for parents</h1>" + p(
        "Tadpole Games is for children under 13. We do not ask children for their name, address or telephone number.",
        "A nickname and a score are stored on our server until the end of the week. Parents can ask us to remove them.",
        "We show no advertising and share no information with third parties, unless the law requires us to do so.",
    ),
    "shop with login": "<form>User <input name=u> Password <input type='password' name=p><input type=submit value='Log in'></form>"
    "<h1>Privacy</h1>" + p(
        "When you order we ask for your name, your postal address and your card number. The card number is encrypted and passed "
        "to the bank; we do not keep it. Your address is kept for seven years because the tax law asks us to.",
        "We use a cookie to remember what is in your basket. You can switch cookies off in your browser, but then you cannot order.",
        "We do not share your details with other companies for marketing. Ask us at any time what we hold about you.",
    ),
    "consent banner above": "<div>We use cookies. <button>Accept all</button> <button>Reject all</button></div><h1>Privacy policy</h1>" + p(
        "Northpier Ferries collects the details that you enter when you book: name, e-mail address, telephone number and the "
        "registration of your car. We pass them to the port authority where it asks for lists of passengers.",
        "Booking data is deleted after three years. You may ask for a copy of it, have it corrected, or object to its use.",
    ),
    "error words": "<h1>Privacy statement</h1>" + p(
        "When a page cannot be found or an error occurs, our server records the address that was asked for and your IP address.",
        "These logs are used to mend broken links and are deleted after thirty days. We do not combine them with other personal "
        "data, and nobody outside the web team can see them. If you use the contact form we store what you write until the "
        "matter is closed. You have the right to see and to delete what we store about you.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NOTICES)
def test_verdict_on_short_notice_is_policy(name):
    verdict = document(NOTICES[name] + FOOTER, "Privacy").verdict
    assert verdict.usable, verdict
    assert verdict.is_policy >= 0.5, verdict


SCRIPTS = "<script src='/static/js/main.4f2.js'></script><script>window.__STATE__={user:null,routes:['/a','/b','/c']}</script>"
NO_POLICY = {
    "soft 404, plain": ("soft 404", "File not found", p("Sorry, the file that you wanted is not on our server. Try the home page.")),
    "soft 404, with a menu": (
        "soft 404", "Brightcart",
        "<ul><li><a href=/>Home<a></li><li><a href=/shoes>Shoes</a></li><li><a href=/bags>Bags</a></li></ul><h1>We can't find the page "
        "you're looking for</h1>" + p("It may have been moved, or the link may be out of date.", "Try searching, or browse our "
        "departments below. Our customer service team is happy to help you from Monday to Saturday.") + FOOTER,
    ),
    "soft 404, by its title": ("soft 404", "404 | Pinegrove News", p("You seem to be lost. Here is what others read today: the bridge "
        "is open again, the school has a new roof, and the orchestra looks for two violins.") + FOOTER),
    "soft 404, dead product": ("soft 404", "Acme", "<h2>Oops!</h2>" + p("This page no longer exists. Please update your bookmarks.") + FOOTER),
    "server error": ("soft 404", "Error", p("500 Internal Server Error", "An application error occurred on the server. The details "
        "are hidden from remote visitors. Please contact the administrator.")),
    "maintenance": ("soft 404", "Be right back", p("Our site is down for scheduled maintenance. We expect to be back by six in the morning. Thank you for your patience.")),
    "soft 404, German": ("soft 404", "Fehler", p("Die gesuchte Seite wurde nicht gefunden. Bitte prüfen Sie die Adresse oder gehen Sie zur Startseite zurück.")),
    "parked, for sale": ("parked", "brightcart.example", p("brightcart.example is for sale!", "Buy this domain today for 2,495 dollars or "
        "make an offer. Fast transfer, safe payment, friendly advice by telephone.") + '<a href="/pp">Privacy Policy</a>'),
    "parked, listings": ("parked", "healthbridge.example", "<ul><li>Health Insurance</li><li>Medical Billing</li><li>Find a Doctor</li></ul>" + p(
        "This page is parked free, courtesy of the registrar.", "Related searches: online clinic, dental plans, nurse jobs",
        "The sponsored listings displayed above are served automatically by a third party. Neither the service provider nor the domain "
        "owner maintain any relationship with the advertisers. Privacy Policy")),
    "parked, expired": ("parked", "Domain expired", p("This domain has expired. If you are the owner, renew it in your account before it is released.")),
    "parked, building": ("parked", "Welcome", p("Future home of pinegrove-news.example. This site is under construction, please come back later to see what we have made.")),
    "placeholder": ("placeholder", "Apache2 Debian Default Page", p("This is the default welcome page used to test the correct operation of "
        "the server after installation. Replace this file before you go on to operate your site.")),
    "directory": ("placeholder", "Index of /legal", "<h1>Index of /legal</h1><pre>Name Last modified Size Description\nParent Directory\nlogo.gif 12-Mar-2003 11:02 4k\nold/ 01-Jan-2002 10:00 -</pre>"),
    "suspended": ("placeholder", "Account Suspended", p("This account has been suspended. Contact your hosting provider for more information about it, please.")),
    "login form": ("login", "Sign In", "<h1>Sign in to Tadpole</h1><form><label>E-mail<input name=e></label><label>Password<input type=password></label>"
        "<button>Sign in</button></form><p>Forgot your password? New here? Create an account. By signing in you agree to our Terms of "
        "Service and Privacy Policy and to the use of cookies.</p>" + FOOTER),
    "login, words only": ("login", "Members", p("You must be logged in to view this page. Please log in or join the society to read the documents for its members.")),
    "session": ("login", "Portal", p("Your session has expired. For your security we end sessions after twenty minutes without any action. Please sign in again.")),
    "denied": ("login", "Access Denied", p("Access denied. You don't have permission to view this page on this server. Reference 18.2f.1301 and the time of day.")),
    "robots": ("robots", "Just a moment...", p("Checking your browser before accessing brightcart.example.", "This process is automatic. Your browser will "
        "redirect to your requested content shortly. Please allow up to five seconds.")),
    "captcha": ("robots", "Security check", p("Please complete the security check to access the site. Why do I have to complete a captcha? It proves that you are human.")),
    "age": ("wall", "Welcome", p("Are you over 21? You must be of legal drinking age to enter this site. Enter your date of birth. Please enjoy our beer with care.")),
    "region": ("wall", "Not available", p("We're sorry. This site is currently unavailable in your country for legal reasons. We continue to look for ways to reach all our readers.")),
    "consent wall": ("consent", "Before you continue", "<h1>Before you continue</h1>" + p("We use cookies and data to deliver and maintain our services, and "
        "to measure how they are used. If you choose to accept all, we will also use cookies to show personalised ads.")
        + "<button>Accept all</button><button>Reject all</button><a href=/more>More options</a>"),
    "cookie banner": ("consent", "Shop", "<div>" + p("This website uses cookies to make sure that you get the best experience. Necessary, statistics, marketing.") +
        "<button>Manage preferences</button><button>Accept all</button></div><div id=root></div>"),
    "shell, react": ("JavaScript", "Acme", "<noscript>You need to enable JavaScript to run this app.</noscript><div id='root'></div>" + SCRIPTS),
    "shell, no noscript": ("JavaScript", "Privacy Policy", "<div id=__next></div>" + SCRIPTS),
    "shell, loading": ("JavaScript", "Policy", "<div class=spinner>Loading...</div>" + SCRIPTS * 2),
    "shell, asks": ("JavaScript", "Policy", p("This page requires JavaScript. Please turn on JavaScript in your browser and load the page again to read our policy.") + SCRIPTS),
    "index": ("index", "Legal", "<h1>Legal</h1><ul>" + "".join(f"<li><a href='/legal/{n}'>{t}</a></li>" for n, t in enumerate((
        "Privacy Policy", "Terms of Service", "Cookie Policy", "Acceptable Use Policy", "Copyright Policy", "Data Processing Agreement",
        "Privacy Notice for California", "Privacy Notice for Applicants", "Accessibility Statement"))) + "</ul>"),
    "index with leads": ("index", "Policies", "<h1>Our policies</h1>" + p("Choose a document.") + "".join(
        f"<h2><a href='/p/{n}'>{t}</a></h2><p>{lead}</p>" for n, (t, lead) in enumerate((
            ("Privacy Policy", "What we do with your data."), ("Terms of Use", "The rules of the site."), ("Cookie Policy", "What we store."),
            ("Returns Policy", "How to send things back."), ("Copyright Policy", "How to report a copy."))))),
    "archive": ("archive", "Wayback Machine", p("Got an HTTP 302 response at crawl time", "Redirecting to... http://a.example/new", "Impatient?")),
    "moved": ("moved", "302 Found", "<h1>Found</h1>" + p("The document has moved <a href='/new'>here</a>.")),
    "moved, in words": ("moved", "Redirect", p("You are being redirected to the new home of our privacy policy. Click here if you are not redirected within ten seconds.")),
    "frames": ("another page: http://a.example/policy.html", "Privacy", "", "<frameset cols='20%,80%'><frame src='menu.html'><frame src='policy.html'></frameset>"),
    "nothing": ("no text", "Privacy", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", NO_POLICY)
def test_verdict_on_faulty_page_has_its_reason(name):
    reason, title, body, *head = NO_POLICY[name]
    verdict = document(body, title, *head).verdict
    assert not verdict.usable, verdict
    assert reason in verdict.reasons[0], verdict


TERMS = p(
    "These terms of use are an agreement between you and Brightcart. By placing an order you accept them in full.",
    "The goods remain our property until they have been paid for. You are liable for damage that you cause by wrong use.",
    "We give no warranty, express or implied, beyond what the law requires, and are not liable for indirect damages.",
    "You may not copy, sell or distribute the pictures and words on this site, which are protected by copyright.",
    "We may end your account if you break these rules. Disputes go to the courts of our home town, whose law governs this agreement.",
    "If one of these rules is not enforceable the others stay in force. How we treat your data is set out in our privacy policy.",
)
POLICY = p(
    "We collect your name, your address and your e-mail address when you order, and we use them to send the goods and to answer you.",
    "Our site sets cookies so that your basket is remembered. You can refuse cookies in the settings of your browser.",
    "We share your personal information with the carrier and the bank. We do not sell it to third parties for their marketing.",
    "You can opt out of our newsletter at any time and may ask us to show, correct or delete the data we hold about you.",
    "We keep order data for seven years and protect it with encryption. We do not knowingly collect data from children under 13.",
    "We may change this privacy policy; the date at its top tells when that was last done. Write to our privacy officer with questions.",
)


def test_verdict_on_terms_is_not_policy():
    verdict = document(TERMS, "Terms of use").verdict
    assert verdict.usable
    assert verdict.is_policy < 0.5
    assert verdict.reasons == ("reads like terms of service rather than a privacy policy",)


def test_verdict_on_page_with_several_policies_names_them():
    verdict = document(f"<h1>Terms of use</h1>{TERMS}{TERMS}<h1>Privacy policy</h1>{POLICY}{POLICY}", "Legal").verdict
    assert verdict.is_policy > 0.5
    assert verdict.reasons == ("several policies on one page: Terms of use; Privacy policy",)


def test_verdict_on_page_cut_in_a_tag_is_truncated():
    content = f"<html><head><title>Privacy policy</title></head><body><h1>Privacy policy</h1>{POLICY}<p>We also <a hre".encode()
    verdict = clean(Snapshot(content, content_type="text/html")).verdict
    assert verdict.usable
    assert verdict.reasons == ("truncated: the page stops in the middle",)
    assert document(POLICY, "Privacy policy").verdict.reasons == ()


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "de",
            "Wir verarbeiten personenbezogene Daten nur, wenn Sie bei uns bestellen. Unsere Datenschutzerklärung gilt für alle Seiten. ",
        ),
        (
            "fr",
            "Nous recueillons des données personnelles lorsque vous passez une commande. Cette politique de confidentialité s'applique au site. ",
        ),
        (
            "es",
            "Recogemos datos personales cuando usted hace un pedido. Esta política de privacidad se aplica a todo el sitio. ",
        ),
        (
            "ja",
            "当社は、ご注文の際に個人情報を取得します。このプライバシーポリシーは当サイトのすべてのページに適用されます。",
        ),
    ],
)
def test_verdict_on_policy_in_other_language_is_usable_and_not_labelled(language, text):
    found = document(p(text * 3), "")
    assert (found.language, found.verdict.usable) == (language, True)
    assert found.verdict.is_policy >= 0.5
    assert found.verdict.reasons == (f"not in English but in {language}, so not labelled",)
