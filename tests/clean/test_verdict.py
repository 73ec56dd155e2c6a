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


MENU = "<nav><ul>" + "".join(
    f"<li><a href='/menu/{number}'>{name}</a></li>" for number, name in enumerate(
        "Home,Kettles,Tea pots,Cups and saucers,Green tea,Black tea,Gifts,Our story,Find a shop,Basket,Register,Sale,Recipes".split(","))
) + "</ul></nav>"  # fmt: skip
HEADING = "<h1>Privacy Policy</h1>"


def page_of(body: str, title: str = "Privacy Policy | Heron Tea"):
    """The document of a page with a menu, a footer, and little else."""
    return document(f"{MENU}<main>{body}</main>{FOOTER}<p>&copy; 2019 Heron Tea Ltd. All rights reserved.</p>", title)


def links(*names: str) -> str:
    return "<ul>" + "".join(f"<li><a href='/{name.replace(' ', '-')}'>{name}</a></li>" for name in names) + "</ul>"


ELSEWHERE = {
    "frame of the site": ("<iframe src='/legal/privacy-text.html'></iframe>", "http://a.example/legal/privacy-text.html"),
    "frame of the archive": (
        "<iframe src='https://web.archive.org/web/20200101000000if_/https://www.iubenda.com/privacy-policy/12/full-legal'></iframe>",
        "https://www.iubenda.com/privacy-policy/12/full-legal",
    ),
    "frame among others": (
        "<iframe src='https://www.googletagmanager.com/ns.html?id=1' height=0></iframe><iframe src='https://www.youtube.com/embed/1'></iframe>"
        "<iframe src='https://app.termly.io/document/privacy-policy/0a1b'></iframe>",
        "https://app.termly.io/document/privacy-policy/0a1b",
    ),
    "frame loaded late": (
        "<iframe src='about:blank' data-src='https://www.privacypolicies.com/live/0000-11'></iframe>",
        "https://www.privacypolicies.com/live/0000-11",
    ),
    "frame without a telling name": ("<iframe src='//host.example/d/abc'></iframe>", "http://host.example/d/abc"),
    "frame below two sentences": (
        p("Heron Tea takes your privacy seriously. This policy explains how we collect, use and share your information.")
        + "<iframe src='https://www.termsfeed.com/live/77'></iframe>",
        "https://www.termsfeed.com/live/77",
    ),
    "object": (
        "<object data='/files/privacy.pdf' type='application/pdf'><p>Your browser cannot show PDF files.</p></object>",
        "http://a.example/files/privacy.pdf",
    ),
    "viewer of documents": (
        "<iframe src='https://docs.google.com/gview?url=http://a.example/up/statement.pdf&embedded=true'></iframe>",
        "http://a.example/up/statement.pdf",
    ),
    "Iubenda": (
        "<a href='//www.iubenda.com/privacy-policy/5' class='iubenda-white iubenda-embed'>Privacy Policy</a>",
        "http://www.iubenda.com/privacy-policy/5",
    ),
    "Termly": (
        "<div name='termly-embed' data-id='0a1b-2c'></div><script src='https://app.termly.io/embed-policy.min.js'></script>",
        "https://app.termly.io/policy-viewer/policy.html?policyUUID=0a1b-2c",
    ),
    "OneTrust": (
        "<div id='otnotice-9' class='otnotice'></div><script src='https://privacyportal-cdn.onetrust.com/otnotice-1.0.min.js'></script>"
        "<script>OneTrust.NoticeApi.LoadNotices(['https://privacyportal-cdn.onetrust.com/9/privacy-notices/9.json'])</script>",
        "https://privacyportal-cdn.onetrust.com/9/privacy-notices/9.json",
    ),
    "GetTerms": (
        "<div class='getterms-document-embed' data-getterms='aB1' data-getterms-document='privacy'></div>",
        "https://getterms.io/view/aB1/privacy/en-us",
    ),
    "Enzuzo": (
        "<div id='__enzuzo-root'></div><script src='https://app.enzuzo.com/scripts/privacy/77'></script>",
        "https://app.enzuzo.com/policies/privacy/77",
    ),
    "Cookiebot": ("<script id='CookieDeclaration' src='https://consent.cookiebot.com/0000/cd.js'></script>", ""),
    "a service that nobody knows": ("<div class='privacy-policy-embed' data-doc=5></div>", ""),
    "link to a PDF": (p("Download our <a href='/up/PrivacyNotice.pdf'>notice (PDF, 90 kB)</a>."), "http://a.example/up/PrivacyNotice.pdf"),
    "link to a Word document": (
        p("Our statement is available <a href='statement_2004.doc'>as a Word document</a>."), "http://a.example/statement_2004.doc"
    ),
    "link to a page": (
        p("<a href='http://group.example/privacy.html'>Click here</a> to read our privacy policy."), "http://group.example/privacy.html"
    ),
    "moved": (
        p("Our privacy policy has moved. You can find it <a href='/legal/privacy-notice'>here</a>. Please update your bookmarks."),
        "http://a.example/legal/privacy-notice",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ELSEWHERE)
def test_clean_page_with_its_policy_elsewhere_names_the_address(name):
    body, address = ELSEWHERE[name]
    result = page_of(HEADING + body)
    assert not result.verdict.usable
    assert result.elsewhere == address
    assert result.verdict.reasons[0].startswith("the policy "), result.verdict
    assert address in result.verdict.reasons[0]


def test_clean_page_that_sends_its_reader_on_names_the_address():
    refresh = "<meta http-equiv=refresh content='0; url=/en/privacy.html'>"
    assert (
        document("<p>One moment, please.</p>", "Privacy policy", refresh).elsewhere
        == "http://a.example/en/privacy.html"
    )


def test_clean_frameset_names_the_frame_that_is_no_menu():
    frames = "<frameset cols='20%,80%'><frame src='list.html' name=menu><frame src='text.html' name=main></frameset>"
    assert document("", "Privacy", frames).elsewhere == "http://a.example/text.html"


ABOUT_A_POLICY = p(
    "Every website that collects personal information needs a privacy policy. Your policy should explain what data you collect, how you "
    "use cookies, and with whom you share information. Start with a list of the data that your shop asks for.",
    "Laws differ from state to state. In California a policy must say how a site responds to do-not-track signals. Ask a lawyer to check "
    "your draft before you publish it, and tell your customers when it changes.",
)
STAND_INS = {
    "an empty page": ("a title without a policy", HEADING),
    "an empty part": ("JavaScript shell", HEADING + "<div id=policy></div><script src=/app.js></script>"),
    "loading": ("JavaScript shell", HEADING + "<p>Please wait while we load the policy…</p><script src=/app.js></script>"),
    "a promise": ("a title without a policy", HEADING + p("We respect your privacy. The policy that applies to this site appears below.")),
    "countries": ("a choice", HEADING + p("Select your country to read the policy.") + links("Brazil", "Chile", "Peru", "Mexico", "Spain")),
    "regions, as options": (
        "a choice", HEADING + p("Choose your region:") + "<select><option>Europe<option>Asia<option>Africa<option>Oceania</select>"
    ),
    "states": ("a choice", HEADING + p("Which state do you live in?") + links("California", "Colorado", "Utah", "Virginia")),
    "languages": (
        "a choice", HEADING + p("The policy is available in the following languages:") + links("English", "Deutsch", "Italiano", "Polski")
    ),
    "versions": ("a choice", "<h1>Privacy Policy: previous versions</h1>" + links(*(f"Version of 3 May {year}" for year in range(2012, 2019)))),
    "brands": (
        "a choice", HEADING + p("Please select the business whose notice you want to see.") + links("Heron Tea", "Heron Inns", "Heron Air", "Heron Books")
    ),
    "PHP": ("database or script", HEADING + p("Warning: include(policy.txt): failed to open stream: No such file or directory in /home/h/p.php on line 4")),
    "MySQL": ("database or script", p("Warning: mysql_connect(): Too many connections in /home/h/p.php on line 12", "Could not connect to database")),
    "SQL": ("database or script", HEADING + p("You have an error in your SQL syntax; check the manual for the right syntax to use near 'privacy' at line 1")),
    "ASP": ("database or script", p("Microsoft OLE DB Provider for ODBC Drivers error '80004005'", "Too many client tasks. /privacy.asp, line 12")),
    "ColdFusion": ("an error page", "<h1>Error Occurred While Processing Request</h1>" + p("Element PRIVACYTEXT is undefined in QPOLICY.")),
    "Java": ("database or script", HEADING + "<pre>java.lang.NullPointerException\n\tat com.heron.Policy.doGet(Policy.java:41)\n\tat "
             "javax.servlet.http.HttpServlet.service(HttpServlet.java:740)</pre>"),
    "Python": ("database or script", HEADING + "<pre>Traceback (most recent call last):\n  File \"/srv/views.py\", line 9\nKeyError: 'privacy'</pre>"),
    "server include": ("database or script", HEADING + p("[an error occurred while processing this directive]")),
    "Europe": ("country or region", p("Due to the GDPR we are unable to offer our site to visitors from the EU. We value the privacy of your data.")),
    "status in words": ("country or region", "<h1>451 Unavailable For Legal Reasons</h1>" + p("This content cannot be shown where you are.")),
    "region of an address": ("country or region", p("Your IP address is located in a region in which Heron does not offer its services.")),
    "frames needed": ("another browser", HEADING + p("This page uses frames, but your browser doesn't support them.")),
    "old browser": ("another browser", HEADING + p("You are using an outdated browser. Please upgrade your browser to view this site.")),
    "Netscape": ("another browser", HEADING + p("This site is best viewed with Netscape Navigator 4.0 or higher.")),
    "Flash": ("another browser", HEADING + p("You need to install the Flash Player to see our policies.")),
    "style sheet": ("code", HEADING + p("body { margin: 0; font-family: Arial; } .policy h2 { color: #333; } #nav li { float: left; }")),
    "program": ("code", HEADING + "<pre>function showPolicy(id) {\n  var el = document.getElementById(id);\n  el.hidden = false;\n}\nshowPolicy('privacy');</pre>"),
    "data": ("code", '<pre>{"title": "Privacy policy", "id": 77, "slug": "privacy", "author": {"name": "admin"}, "status": "publish"}</pre>'),
    "lorem ipsum": ("placeholder", HEADING + p("Lorem ipsum dolor sit amet, consectetuer adipiscing elit, sed diam nonummy nibh euismod. " * 4)),
    "words to insert": ("placeholder", HEADING + p("[Insert your privacy policy here]")),
    "text to come": ("placeholder", HEADING + p("Your privacy policy text goes here. Use this page to tell your customers about your store.")),
    "sample": ("placeholder", HEADING + p("This is a sample page. Replace this text with your own policy before you publish your store.")),
    "blanks": ("blanks", HEADING + p("Privacy policy of [Company Name], last updated on [Date]. Contact: [Email Address].")),
    "to come": ("still to come", HEADING + p("We are currently updating our privacy policy. Please check back soon.")),
    "drafted": ("still to come", HEADING + p("Our new policy is being drafted by our lawyers and will be posted shortly on this page for you to read.")),
    "how-to": ("an article", "<h1>How to write a privacy policy for your shop</h1>" + p("By Robin Marsh") + ABOUT_A_POLICY),
    "generator": ("an article", "<h1>Free Privacy Policy Generator</h1>" + ABOUT_A_POLICY),
    "news": (
        "an article", "<h1>Shoppers sue retailer over data sharing</h1>" + p(
            "By Dana Finch | 12 June 2018",
            "Three shoppers have filed a lawsuit against a chain of stores, saying that it sold their personal information to advertisers. "
            "According to the complaint, the retailer's privacy policy promised that data would not be shared with third parties.",
            "The company declined to comment. Privacy advocates said the case could change how stores collect and use data of customers.")
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STAND_INS)
def test_verdict_on_page_that_stands_in_for_a_policy_is_unusable_whatever_its_menu(name):
    reason, body = STAND_INS[name]
    heading = body.partition("<h1>")[2].partition("</h1>")[0]
    verdict = page_of(body, heading if reason == "an article" else "Privacy Policy | Heron Tea").verdict
    assert not verdict.usable
    assert reason in verdict.reasons[0], verdict


STILL_POLICIES = {
    "that collects nothing": p("We collect nothing, set no cookies and keep no logs. If you write to us we use your address to answer, and then we throw "
        "the letter away. We have no lists, we sell no names, and we never will."),
    "of one sentence": p("We do not collect any personal information from visitors to this site, and we do not use cookies."),
    "in the third person": p("Heron Tea does not sell, rent or share the names and addresses of its customers. Orders are kept for seven years as the tax "
        "law requires. No information is collected from visitors who only look at the pages."),
    "with a video": p("Heron Tea collects your name and address when you order. We share them with the post office and with nobody else. Cookies remember "
        "your basket.") + "<iframe src='https://www.youtube.com/embed/abc'></iframe>",
    "with an objection form": p("We count visits with Matomo, which sets a cookie and shortens your IP address. We keep the counts for a year. You can "
        "object here.") + "<iframe src='https://stats.a.example/index.php?action=optOut'></iframe>",
    "also as PDF": p("We collect your name, address and e-mail address when you order tea, and use them to send the parcel. We share your address with the "
        "carrier. We do not sell your information. Cookies remember your basket.", "<a href=/privacy.pdf>Download this policy as PDF</a>."),
    "below an error": p("Warning: mysql_connect(): Access denied in /home/h/top.php on line 3", "We collect your name and address when you order tea and use "
        "them to send the parcel. We share your address with the carrier and with nobody else. We do not sell your information."),
    "in a blog": p("Posted on May 4, 2015 by admin", "Pine Blog does not ask visitors for personal information. Comments are stored with the name, e-mail "
        "address and IP address of the writer. The addresses are not given to third parties. Advertisers may set cookies."),
}  # fmt: skip


@pytest.mark.parametrize("name", STILL_POLICIES)
def test_verdict_on_short_policy_with_signs_of_faults_is_usable(name):
    result = page_of(HEADING + STILL_POLICIES[name])
    assert result.verdict.usable, result.verdict
    assert result.verdict.is_policy >= 0.5
    assert result.elsewhere == ""


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

OTHER_POLICY = p(
    "Members of the club give us their date of birth, the names of their children and the number of their insurance.",
    "We use this personal information to plan the courses and to call a doctor, and for nothing else.",
    "Trainers see the list of their own course. We never give personal data about members to advertisers or third parties.",
    "Ask the secretary to see what we hold about you. You may have it corrected, and deleted when you leave the club.",
    "The pages of the club set one cookie, which keeps you logged in until you close the browser or opt out of it.",
    "We keep the personal information of former members for two years and then delete it, photographs included.",
    "Parents decide for members under the age of 16 which pictures we publish, and may change their mind at any time.",
)


def test_verdict_on_terms_is_not_policy():
    verdict = document(TERMS, "Terms of use").verdict
    assert verdict.usable
    assert verdict.is_policy < 0.5
    assert verdict.reasons == ("reads like terms of service rather than a privacy policy",)


def test_verdict_on_page_with_several_policies_names_them():
    shop, club = f"<h1>Shop privacy policy</h1>{POLICY}{POLICY}", f"<h1>Club privacy policy</h1>{OTHER_POLICY}"
    verdict = document(shop + club, "Legal").verdict
    assert verdict.is_policy > 0.5
    assert verdict.reasons == ("several policies on one page: Shop privacy policy; Club privacy policy",)


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


ENGLISH = "We collect the names that you write in the form, and we keep them for as long as you are with us. "
GERMAN = "Wir verarbeiten personenbezogene Daten nur, wenn Sie bei uns eine Bestellung aufgeben oder uns schreiben. "


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (ENGLISH * 3, "en"),
        (ENGLISH.upper() * 3, "en"),
        (ENGLISH.replace(" the ", " “the” ").replace("we keep", "we—and you—keep") * 3, "en"),
        (GERMAN * 6 + ENGLISH * 6, "en"),
        (GERMAN * 120 + ENGLISH * 120, "en"),
        (ENGLISH + GERMAN * 20, "de"),
        ("the " * 20 + GERMAN * 20, "de"),
    ],
    ids=["English", "capitals", "marks", "second half", "second half of a long text", "first sentence", "20 words"],
)
def test_language_of_page_is_english_if_a_tenth_of_its_words_are_common_english_ones(text, language):
    assert document(p(text)).language == language
