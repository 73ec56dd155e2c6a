"""Invented home pages, to measure how well the link to the policy is found.

An entry has the domain, the layout (`tables`, `lists`, `bare` or `modern`), the links at the top and in the footer as
"text > address", and the address of the policy, "" where the page links to none. The weights of
`extractor.wayback.links` were set on the pages marked "tune"; the others were written separately, for measuring only.
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
FOOTER = {
    "tables": "<CENTER><HR NOSHADE><FONT SIZE=1>{} &copy; All rights reserved.</FONT></CENTER>",
    "lists": '<div id="footer"><p>{}</p></div>',
    "bare": "<hr>{}",
    "modern": '<footer class="site-footer"><div class="columns">{}</div></footer><script>var a=1</script>',
}


@dataclass(frozen=True, slots=True)
class HomePage:
    """A home page and the policy it links to."""

    domain: str
    layout: str
    top: str
    footer: str
    policy: str
    tune: bool = False

    @property
    def html(self) -> bytes:
        """The page's HTML, in UTF-8."""
        top, footer = TOP[self.layout].format(anchors(self.top)), FOOTER[self.layout].format(anchors(self.footer))
        head = f'<html><head><meta charset="utf-8"><title>{self.domain}</title></head>'
        return f"{head}<body>{top}<h1>Welcome</h1><p>What we do, and why.</p>{footer}</body></html>".encode()

    @property
    def url(self) -> str:
        """The page's address."""
        return f"http://www.{self.domain}/"


def anchors(lines: str) -> str:
    """The links of a part of a page as HTML; "[…]" stands for an image with that alternative text."""
    pairs = [line.strip().rpartition(" > ")[::2] for line in lines.strip().splitlines()]
    return " | ".join(f'<a href="{escape(href)}">{link_content(text)}</a>' for text, href in pairs)


def link_content(text: str) -> str:
    """The content of a link: its text, or an image."""
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

HOME_PAGES = (
    HomePage("lampshop.example", "tables", SHOP, "Contact > /contact.html\nPrivacy > /privacy.html", "/privacy.html", tune=True),
    HomePage("daily.example", "lists", NEWS, "Terms of use > /terms\nPrivacy policy > /info/privacy", "/info/privacy", tune=True),
    HomePage("daily2.example", "lists", NEWS, "Terms of use > /terms\nAdvertise > /ads", "", tune=True),
    HomePage("cloud.example", "modern", FIRM, "Terms > /legal/terms\nPrivacy > /legal/privacy\nCookie settings > /cookies\nYour privacy choices > /legal/privacy-choices", "/legal/privacy", tune=True),
    HomePage("werk.example", "modern", FIRM, "Impressum > /impressum\nDatenschutz > /datenschutz", "/datenschutz", tune=True),
    HomePage("boulangerie.example", "modern", "Nos pains > /pains\nContact > /contact", "Mentions légales > /mentions-legales\nPolitique de confidentialité > /confidentialite", "/confidentialite", tune=True),
    HomePage("zapatos.example", "lists", "Tienda > /tienda\nAyuda > /ayuda", "Aviso legal > /aviso-legal\nPolítica de privacidad > /politica-de-privacidad", "/politica-de-privacidad", tune=True),
    HomePage("toys.example", "bare", "Games > /g\nFor parents > /parents", "[Our privacy policy] > /pp.html", "/pp.html", tune=True),
    HomePage("bank.example", "tables", "Rates > /rates\nPrivacy & security > /privacy_security.html\nLoans > /loans", "Home > /\nHelp > /help", "/privacy_security.html", tune=True),
    HomePage("fence.example", "lists", "Privacy fences > /privacy-fences\nDecks > /decks\nPrivacy screens > /privacy-screens", "Contact > /contact\nPrivacy Policy > /privacy-policy", "/privacy-policy", tune=True),
    HomePage("fence2.example", "lists", "Privacy fences > /privacy-fences\nDecks > /decks\nPrivacy screens > /privacy-screens", "Contact > /contact", "", tune=True),
    HomePage("plain.example", "bare", FIRM, "Site map > /map", "", tune=True),
    HomePage("jobs.example", "modern", FIRM, "Applicant privacy notice > /careers/privacy\nPrivacy notice > /privacy-notice\nTerms > /terms", "/privacy-notice", tune=True),
    HomePage("group.example", "modern", FIRM, "Privacy > https://www.parent-company.example/privacy\nTerms > /terms", "https://www.parent-company.example/privacy", tune=True),
    HomePage("app.example", "modern", "Download > /get\nPricing > /pricing", "Do not sell my personal information > /privacy/optout\nPrivacy statement > /privacy/statement", "/privacy/statement", tune=True),
    HomePage("kenkou.example", "modern", "診療案内 > /shinryo\nアクセス > /access", "個人情報保護方針 > /policy.html\nお問い合わせ > /contact", "/policy.html", tune=True),
    # measured on
    HomePage("records.example", "tables", SHOP, "About us > /about.html\nOur Privacy Pledge > /pledge.html", "/pledge.html"),
    HomePage("garden.example", "tables", "Seeds > /seeds\nTools > /tools", "Home > /\nPrivacy Statement > /cgi-bin/show?page=privacy", "/cgi-bin/show?page=privacy"),
    HomePage("portal.example", "tables", "Mail > /mail\nChat > /chat\nHoroscope > /stars", "Advertise > /adv\nPrivacy > /docs/pp.html\nTerms of Service > /docs/tos.html", "/docs/pp.html"),
    HomePage("herald.example", "lists", NEWS, "Subscribe > /sub\nYour California privacy rights > /privacy#ca\nPrivacy > /privacy", "/privacy"),
    HomePage("gazette.example", "lists", "Opinion: why privacy matters > /opinion/privacy-matters\nThe privacy policy that ate the web > /tech/privacy-policy-that-ate\nWeather > /w", "Contact > /contact\nTerms > /terms", ""),
    HomePage("blog.example", "modern", "My week in private > /2014/private-week\nPrivacy tips > /tag/privacy-tips", "Imprint > /imprint\nRSS > /feed.xml", ""),
    HomePage("shopzilla.example", "modern", SHOP, "Shipping > /shipping\nPrivacy & Cookies > /privacy-and-cookies\nReturns > /returns", "/privacy-and-cookies"),
    HomePage("saas.example", "modern", FIRM, "Security > /security\nPrivacy Policy > https://saas.example/legal#privacy\nPrivacy Shield > /privacy-shield", "https://saas.example/legal"),
    HomePage("clinic.example", "modern", "Doctors > /doctors\nVisit > /visit", "Notice of Privacy Practices > /npp.pdf\nWebsite privacy policy > /website-privacy\nNondiscrimination > /nd", "/website-privacy"),
    HomePage("hospital.example", "lists", "Departments > /dep\nGiving > /give", "Notice of Privacy Practices > /hipaa/notice.pdf\nDisclaimer > /disclaimer", "/hipaa/notice.pdf"),
    HomePage("versicherung.example", "modern", FIRM, "Impressum > /impressum\nDatenschutzerklärung > /rechtliches/dse\nCookie-Einstellungen > #", "/rechtliches/dse"),
    HomePage("verein.example", "bare", "Termine > /termine\nVorstand > /vorstand", "Impressum und Datenschutz > /impressum.html", "/impressum.html"),
    HomePage("musee.example", "lists", "Expositions > /expos\nBilletterie > /billets", "Plan du site > /plan\nDonnées personnelles > /donnees-personnelles", "/donnees-personnelles"),
    HomePage("trattoria.example", "lists", "Menù > /menu\nDove siamo > /dove", "Informativa sulla privacy > /informativa\nNote legali > /note", "/informativa"),
    HomePage("fiets.example", "modern", "Fietsen > /fietsen\nWinkels > /winkels", "Algemene voorwaarden > /av\nPrivacyverklaring > /privacyverklaring", "/privacyverklaring"),
    HomePage("loja.example", "modern", "Produtos > /produtos\nPrivacidade em foco: nosso blog > /blog/privacidade", "Política de Privacidade > /politica-privacidade\nTrocas > /trocas", "/politica-privacidade"),
    HomePage("butik.example", "modern", "Kläder > /klader\nRea > /rea", "Köpvillkor > /villkor\nIntegritetspolicy > /integritetspolicy", "/integritetspolicy"),
    HomePage("sklep.example", "modern", "Promocje > /promocje\nNowości > /nowosci", "Regulamin > /regulamin\nPolityka prywatności > /polityka-prywatnosci", "/polityka-prywatnosci"),
    HomePage("magazin.example", "lists", "Каталог > /katalog\nДоставка > /dostavka", "Политика конфиденциальности > /policy\nОферта > /oferta", "/policy"),
    HomePage("dukkan.example", "modern", "Ürünler > /urunler\nKampanyalar > /kampanya", "Gizlilik Politikası > /gizlilik\nİletişim > /iletisim", "/gizlilik"),
    HomePage("shangdian.example", "modern", "首页 > /\n产品 > /p", "联系我们 > /lx\n隐私政策 > /ys", "/ys"),
    HomePage("geumsik.example", "modern", "메뉴 > /menu\n매장 > /store", "이용약관 > /terms\n개인정보처리방침 > /privacy", "/privacy"),
    HomePage("seal.example", "tables", SHOP, "[TRUSTe privacy seal] > http://www.truste.example/ivalidate.php?id=9\n[Privacy] > /customer/privacy.jsp", "/customer/privacy.jsp"),
    HomePage("legalhub.example", "modern", FIRM, "Legal > /legal\nAccessibility > /a11y", ""),
    HomePage("forum.example", "lists", "New posts > /new\nPrivacy settings > /me/privacy\nFAQ > /faq", "Contact us > /contact\nTop > #top", ""),
    HomePage("lawfirm.example", "modern", "Privacy law > /practice/privacy-law\nData protection litigation > /practice/data\nPeople > /people", "Disclaimer > /disclaimer\nPrivacy notice > /privacy", "/privacy"),
    HomePage("lawfirm2.example", "modern", "Privacy > /practice/privacy\nMergers > /practice/mergers", "Disclaimer > /disclaimer", ""),
    HomePage("vpn.example", "modern", "Features > /features\nPrivacy > /why/privacy\nPricing > /pricing", "Privacy policy > /privacy-policy\nTerms > /tos", "/privacy-policy"),
    HomePage("uni.example", "lists", "Admissions > /adm\nPrivacy research group > /cs/privacy", "Web privacy statement > /ucomm/web-privacy\nEmergency > /em", "/ucomm/web-privacy"),
    HomePage("city.example", "tables", "Council > /council\nTaxes > /tax", "Disclaimer > /disc.asp\nSecurity and Privacy > /secpriv.asp", "/secpriv.asp"),
    HomePage("museum.example", "bare", "Visit > /visit\nShop > /shop", "Copyright > /c.html\nRead our privacy policy > /p.html", "/p.html"),
    HomePage("studio.example", "modern", "Work > /work\nAbout > /about", "", ""),
)  # fmt: skip
