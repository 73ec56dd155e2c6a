"""Self-made home pages, to measure with how well a link to the policy is told from others.

One entry a page: the domain, how the page is built (`tables`, `lists`, `bare` or `modern`), the links of its top and of
its foot as "text > address", and the address of the policy; "" where the page links to none. Those marked "tune" are
what the weights of `extractor.wayback.links` were set by; the others were written apart and only measured on.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

TOP = {
    "tables": '<TABLE WIDTH="100%"><TR><TD><FONT SIZE=1>{}</FONT></TD></TR></TABLE>',
    "lists": '<div id="nav"><ul>{}</ul></div>',
    "bare": "<p>{}",
    "modern": '<header><nav aria-label="Main"><ul>{}</ul></nav></header>',
}
FOOT = {
    "tables": "<CENTER><HR NOSHADE><FONT SIZE=1>{} &copy; All rights reserved.</FONT></CENTER>",
    "lists": '<div id="footer"><p>{}</p></div>',
    "bare": "<hr>{}",
    "modern": '<footer class="site-footer"><div class="columns">{}</div></footer><script>var a=1</script>',
}


@dataclass(frozen=True, slots=True)
class Home:
    """A home page and the policy it links to."""

    domain: str
    build: str
    top: str
    foot: str
    policy: str
    tune: bool = False

    @property
    def page(self) -> bytes:
        """The page's HTML, in UTF-8."""
        top, foot = TOP[self.build].format(anchors(self.top)), FOOT[self.build].format(anchors(self.foot))
        head = f'<html><head><meta charset="utf-8"><title>{self.domain}</title></head>'
        return f"{head}<body>{top}<h1>Welcome</h1><p>What we do, and why.</p>{foot}</body></html>".encode()

    @property
    def url(self) -> str:
        """The page's address."""
        return f"http://www.{self.domain}/"


def anchors(lines: str) -> str:
    """The links of a part of a page; "[…]" stands for a picture with that alternative text."""
    pairs = [line.strip().rpartition(" > ")[::2] for line in lines.strip().splitlines()]
    return " | ".join(f'<a href="{escape(href)}">{words(text)}</a>' for text, href in pairs)


def words(text: str) -> str:
    """A link's words, or its picture."""
    return f'<img src="/i/b.gif" alt="{escape(text[1:-1])}">' if text.startswith("[") else escape(text)


SHOP = """Books > /books
Music > /music
Your basket > /basket.cgi
Sign in > /login
Help > /help.html"""
NEWS = """Politics > /politics
Sport > /sport
Opinion > /opinion
Privacy bill stalls in the Senate > /politics/privacy-bill-stalls
How to protect your privacy online > /tech/how-to-protect-your-privacy"""
FIRM = """Products > /products
Customers > /customers
Careers > /careers
Investors > /investors
Contact > /contact"""

HOMES = (
    Home("lampshop.example", "tables", SHOP, "Contact > /contact.html\nPrivacy > /privacy.html", "/privacy.html", tune=True),
    Home("daily.example", "lists", NEWS, "Terms of use > /terms\nPrivacy policy > /info/privacy", "/info/privacy", tune=True),
    Home("daily2.example", "lists", NEWS, "Terms of use > /terms\nAdvertise > /ads", "", tune=True),
    Home("cloud.example", "modern", FIRM, "Terms > /legal/terms\nPrivacy > /legal/privacy\nCookie settings > /cookies\nYour privacy choices > /legal/privacy-choices", "/legal/privacy", tune=True),
    Home("werk.example", "modern", FIRM, "Impressum > /impressum\nDatenschutz > /datenschutz", "/datenschutz", tune=True),
    Home("boulangerie.example", "modern", "Nos pains > /pains\nContact > /contact", "Mentions légales > /mentions-legales\nPolitique de confidentialité > /confidentialite", "/confidentialite", tune=True),
    Home("zapatos.example", "lists", "Tienda > /tienda\nAyuda > /ayuda", "Aviso legal > /aviso-legal\nPolítica de privacidad > /politica-de-privacidad", "/politica-de-privacidad", tune=True),
    Home("toys.example", "bare", "Games > /g\nFor parents > /parents", "[Our privacy policy] > /pp.html", "/pp.html", tune=True),
    Home("bank.example", "tables", "Rates > /rates\nPrivacy & security > /privacy_security.html\nLoans > /loans", "Home > /\nHelp > /help", "/privacy_security.html", tune=True),
    Home("fence.example", "lists", "Privacy fences > /privacy-fences\nDecks > /decks\nPrivacy screens > /privacy-screens", "Contact > /contact\nPrivacy Policy > /privacy-policy", "/privacy-policy", tune=True),
    Home("fence2.example", "lists", "Privacy fences > /privacy-fences\nDecks > /decks\nPrivacy screens > /privacy-screens", "Contact > /contact", "", tune=True),
    Home("plain.example", "bare", FIRM, "Site map > /map", "", tune=True),
    Home("jobs.example", "modern", FIRM, "Applicant privacy notice > /careers/privacy\nPrivacy notice > /privacy-notice\nTerms > /terms", "/privacy-notice", tune=True),
    Home("group.example", "modern", FIRM, "Privacy > https://www.parent-company.example/privacy\nTerms > /terms", "https://www.parent-company.example/privacy", tune=True),
    Home("app.example", "modern", "Download > /get\nPricing > /pricing", "Do not sell my personal information > /privacy/optout\nPrivacy statement > /privacy/statement", "/privacy/statement", tune=True),
    Home("kenkou.example", "modern", "診療案内 > /shinryo\nアクセス > /access", "個人情報保護方針 > /policy.html\nお問い合わせ > /contact", "/policy.html", tune=True),
    # measured on
    Home("records.example", "tables", SHOP, "About us > /about.html\nOur Privacy Pledge > /pledge.html", "/pledge.html"),
    Home("garden.example", "tables", "Seeds > /seeds\nTools > /tools", "Home > /\nPrivacy Statement > /cgi-bin/show?page=privacy", "/cgi-bin/show?page=privacy"),
    Home("portal.example", "tables", "Mail > /mail\nChat > /chat\nHoroscope > /stars", "Advertise > /adv\nPrivacy > /docs/pp.html\nTerms of Service > /docs/tos.html", "/docs/pp.html"),
    Home("herald.example", "lists", NEWS, "Subscribe > /sub\nYour California privacy rights > /privacy#ca\nPrivacy > /privacy", "/privacy"),
    Home("gazette.example", "lists", "Opinion: why privacy matters > /opinion/privacy-matters\nThe privacy policy that ate the web > /tech/privacy-policy-that-ate\nWeather > /w", "Contact > /contact\nTerms > /terms", ""),
    Home("blog.example", "modern", "My week in private > /2014/private-week\nPrivacy tips > /tag/privacy-tips", "Imprint > /imprint\nRSS > /feed.xml", ""),
    Home("shopzilla.example", "modern", SHOP, "Shipping > /shipping\nPrivacy & Cookies > /privacy-and-cookies\nReturns > /returns", "/privacy-and-cookies"),
    Home("saas.example", "modern", FIRM, "Security > /security\nPrivacy Policy > https://saas.example/legal#privacy\nPrivacy Shield > /privacy-shield", "https://saas.example/legal"),
    Home("clinic.example", "modern", "Doctors > /doctors\nVisit > /visit", "Notice of Privacy Practices > /npp.pdf\nWebsite privacy policy > /website-privacy\nNondiscrimination > /nd", "/website-privacy"),
    Home("hospital.example", "lists", "Departments > /dep\nGiving > /give", "Notice of Privacy Practices > /hipaa/notice.pdf\nDisclaimer > /disclaimer", "/hipaa/notice.pdf"),
    Home("versicherung.example", "modern", FIRM, "Impressum > /impressum\nDatenschutzerklärung > /rechtliches/dse\nCookie-Einstellungen > #", "/rechtliches/dse"),
    Home("verein.example", "bare", "Termine > /termine\nVorstand > /vorstand", "Impressum und Datenschutz > /impressum.html", "/impressum.html"),
    Home("musee.example", "lists", "Expositions > /expos\nBilletterie > /billets", "Plan du site > /plan\nDonnées personnelles > /donnees-personnelles", "/donnees-personnelles"),
    Home("trattoria.example", "lists", "Menù > /menu\nDove siamo > /dove", "Informativa sulla privacy > /informativa\nNote legali > /note", "/informativa"),
    Home("fiets.example", "modern", "Fietsen > /fietsen\nWinkels > /winkels", "Algemene voorwaarden > /av\nPrivacyverklaring > /privacyverklaring", "/privacyverklaring"),
    Home("loja.example", "modern", "Produtos > /produtos\nPrivacidade em foco: nosso blog > /blog/privacidade", "Política de Privacidade > /politica-privacidade\nTrocas > /trocas", "/politica-privacidade"),
    Home("butik.example", "modern", "Kläder > /klader\nRea > /rea", "Köpvillkor > /villkor\nIntegritetspolicy > /integritetspolicy", "/integritetspolicy"),
    Home("sklep.example", "modern", "Promocje > /promocje\nNowości > /nowosci", "Regulamin > /regulamin\nPolityka prywatności > /polityka-prywatnosci", "/polityka-prywatnosci"),
    Home("magazin.example", "lists", "Каталог > /katalog\nДоставка > /dostavka", "Политика конфиденциальности > /policy\nОферта > /oferta", "/policy"),
    Home("dukkan.example", "modern", "Ürünler > /urunler\nKampanyalar > /kampanya", "Gizlilik Politikası > /gizlilik\nİletişim > /iletisim", "/gizlilik"),
    Home("shangdian.example", "modern", "首页 > /\n产品 > /p", "联系我们 > /lx\n隐私政策 > /ys", "/ys"),
    Home("geumsik.example", "modern", "메뉴 > /menu\n매장 > /store", "이용약관 > /terms\n개인정보처리방침 > /privacy", "/privacy"),
    Home("seal.example", "tables", SHOP, "[TRUSTe privacy seal] > http://www.truste.example/ivalidate.php?id=9\n[Privacy] > /customer/privacy.jsp", "/customer/privacy.jsp"),
    Home("legalhub.example", "modern", FIRM, "Legal > /legal\nAccessibility > /a11y", ""),
    Home("forum.example", "lists", "New posts > /new\nPrivacy settings > /me/privacy\nFAQ > /faq", "Contact us > /contact\nTop > #top", ""),
    Home("lawfirm.example", "modern", "Privacy law > /practice/privacy-law\nData protection litigation > /practice/data\nPeople > /people", "Disclaimer > /disclaimer\nPrivacy notice > /privacy", "/privacy"),
    Home("lawfirm2.example", "modern", "Privacy > /practice/privacy\nMergers > /practice/mergers", "Disclaimer > /disclaimer", ""),
    Home("vpn.example", "modern", "Features > /features\nPrivacy > /why/privacy\nPricing > /pricing", "Privacy policy > /privacy-policy\nTerms > /tos", "/privacy-policy"),
    Home("uni.example", "lists", "Admissions > /adm\nPrivacy research group > /cs/privacy", "Web privacy statement > /ucomm/web-privacy\nEmergency > /em", "/ucomm/web-privacy"),
    Home("city.example", "tables", "Council > /council\nTaxes > /tax", "Disclaimer > /disc.asp\nSecurity and Privacy > /secpriv.asp", "/secpriv.asp"),
    Home("museum.example", "bare", "Visit > /visit\nShop > /shop", "Copyright > /c.html\nRead our privacy policy > /p.html", "/p.html"),
    Home("studio.example", "modern", "Work > /work\nAbout > /about", "", ""),
)  # fmt: skip
