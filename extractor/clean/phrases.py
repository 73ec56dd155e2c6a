"""Patterns of the phrases by which `faults`, `language` and `verdict` recognize kinds of pages."""

from __future__ import annotations

import re
from functools import partial

_pattern = partial(re.compile, flags=re.IGNORECASE)
# Phrases of pages that stand in for another page
_PAGE_NOUN = r"(page|file|document|url|address|link|article|content|resource|item|site|story|location)s?\b"
ERROR_PAGE_TITLE = _pattern(
    r"\b(404|410|error|oops|whoops|sorry)\b|(not|can.?t be|cannot be|couldn.?t be) found|no longer (available|exists)|missing page"
    r"|nicht gefunden|introuvable|no (se ha )?encontrad|non trovata|niet gevonden|não encontrad|nie znaleziono|не найден"
    r"|見つかりません|找不到|不存在"
)
ERROR_PAGE = _pattern(
    rf"{_PAGE_NOUN}[^.!?\n]{{0,90}}\b(can.?t|cannot|could ?n.?t|was ?n.?t|is ?n.?t|has ?n.?t|not|no longer|does ?n.?t)"
    rf"( currently| be| been| be currently)* (found|available|exists?|located|here|displayed)"
    rf"|{_PAGE_NOUN}[^.!?\n]{{0,60}}(has|have|may have|might have|was|were|been) (been )?(re)?(moved|removed|deleted|renamed|retired)"
    rf"|(can.?t|cannot|couldn.?t|could not|unable to|didn.?t) (seem to )?(find|locate|display)[^.!?\n]{{0,40}}{_PAGE_NOUN}"
    rf"|\b(http )?(error|status)\W{{0,3}}(code\W{{0,3}})?(404|410|500|502|503|504)\b|\b404\b|nothing (was |to be )?found"
    r"|(internal server|database|application|runtime|server) error|service (is )?(temporarily )?unavailable|bad gateway|gateway time-?out"
    r"|no longer (available|exists)|down for (scheduled )?maintenance|seite (wurde )?nicht gefunden|page introuvable"
    r"|página (que busca )?no (se ha )?encontrad|pagina non (è stata )?trovata|pagina (is )?niet gevonden|página não encontrada"
)
PARKED_DOMAIN = _pattern(
    r"\b(domain|website|web site|site|name)( name)?( is| may be| might be|) (now |currently )?(for sale|available for (purchase|sale)|parked)"
    r"|buy this (domain|website|name)|domain[^.!?\n]{0,60}(has|is|was) (been )?(expired|registered (at|by|for|with|through)|parked|reserved|suspended)"
    r"|sponsored (listings|links|results)[^.]{0,60}(third part|served|automatic)|(inquire|enquire|make an offer)[^.!?\n]{0,30}domain"
    r"|domain parking|parked (free|page|domain|by|courtesy)|related (searches|links)\b.{0,300}(privacy policy|domain|sponsored)"
    r"|(renew|purchase|acquire|get) this domain|future home of|this (web)?site is (coming soon|under construction)|under construction\b"
    r"|domain(e)? (steht|ist) (zum verkauf|zu verkaufen)|domaine est (à vendre|en vente)|dominio (está|è) (en|in) venta|domein (is )?te koop"
    r"|dominio en venta|(is|are) for sale[^.!?\n]{0,40}(domain|hugedomains|sedo|afternic|dan\.com)|(sedo|hugedomains|afternic|godaddy)\b[^.]{0,80}(domain|park)"
)
SERVER_PLACEHOLDER = _pattern(
    r"^(it works!|index of /|welcome to nginx|apache2? [\w ]{0,20}default page|iis windows|test page for)|default (web ?)?(site |server )?page"
    r"|account (for this (web ?site|domain) )?(has been|is) suspended|(web ?)?site (has been|is) (suspended|disabled|deactivated|closed)"
    r"|(successfully installed|web server is (running|working))|replace this (page|file)|no content has been (added|uploaded)"
)
ARCHIVE_NOTICE = _pattern(
    r"got an http \d{3} response at crawl time|redirecting to\.{3}|wayback machine (has not|hasn.t|doesn.t|does not) (archived?|have)"
    r"|hrm\. the wayback machine|page (is )?not available on the web|blocked by (the )?(site.s )?robots\.txt|this url has been excluded from the wayback"
    r"|loading\.{3}[^.]{0,80}impatient\?"
)
MOVED_PAGE = _pattern(
    r"(document|object|page|site|resource) (has )?(been )?(permanently |temporarily )?moved( permanently| temporarily)?( to)? ?(here\b|to\b|http)"
    r"|you (are being|will be|should be)( automatically)? (redirected|transferred|forwarded)|click here if (you are|your browser does) not"
)
LOGIN_WALL = _pattern(
    r"(log|sign)[ -]?(in|on)( or (register|sign up|join|create an account))? (to|below|with|using|here|now|required|is required)\b|please (log|sign)[ -]?(in|on)\b"
    r"|(must|need to|have to|required to) (be (logged|signed)|log|sign|register|authenticate|subscribe)|(session|login) (has )?(expired|timed out|ended)"
    r"|forg[eo]t(ten)? (your |my )?(password|user ?name)|members? only|(log|sign)[ -]?in\b.{0,80}\bpassword\b|\bpassword\b.{0,80}\b(log|sign)[ -]?in\b"
    r"|access (is |was |has been )?(denied|forbidden|restricted)|(403|401) (forbidden|unauthori[sz]ed)|not authori[sz]ed to (view|access)"
    r"|(do not|don.t) have (permission|access)|subscribe to (continue|read)|anmelden um|connectez-vous|inicie sesión"
)
ROBOT_CHECK = _pattern(
    r"checking (if the site connection|your browser|you are human)|verify(ing)?( that)? you are( a)? (not a )?(human|robot)|are you (a )?(human|robot)\b"
    r"|unusual (traffic|activity)|complete (the|a) (captcha|security check)|\bcaptcha\b|ddos protection|attention required|just a moment"
    r"|(enable|allow|turn on) cookies (and|to|in order|in your browser)|cookies (are|must be|need to be) (disabled|enabled|required)"
    r"|(request|you) (was|were|has been|have been|is) blocked|pardon our interruption|one more step|ray id"
)
AGE_OR_COUNTRY_WALL = _pattern(
    r"are you (over|at least|of legal|older than)|(enter|confirm) your (age|date of birth)|of legal (drinking )?age"
    r"|(not|un)available in your (country|region|location)|not available (in|to) (visitors|users|readers|people|most|the)[^.]{0,60}(europe|region|countr)"
)
JAVASCRIPT_REQUIRED = _pattern(
    r"(enable|activate|turn on|requires?|need|without|supports?|allow)[^.!?\n]{0,30}\bjavascript|javascript[^.!?\n]{0,60}(enabled?|required|disabled|turned (on|off)|must|needed)"
    r"|^(please wait|loading)\W*$"
)
CONSENT_BUTTONS = _pattern(
    r"accept (all|cookies|and (close|continue))|reject (all|cookies|non-essential)|allow all|decline all|(manage|cookie) (preferences|settings|choices)|got it|i (agree|accept|understand)"
    r"|\bok\b|before you continue|save (my )?(choices|preferences|settings)|consent (choices|preferences)|we value your privacy|confirm my choices"
)
COOKIE_MENTION = _pattern(r"\bcookies?\b|our partners|before you continue")
LEGAL_LINK = _pattern(
    r"privacy|cookie|terms|conditions|polic(y|ies)|notice|statement|agreement|guidelines|code of|disclaimer|imprint|copyright|dmca|gdpr|ccpa"
)

# The names of documents in titles and headings
PRIVACY_NAME = re.compile(
    r"(?:[\w.,'’&®™ -]{0,60}\b)?(?:privacy|data protection)(?: ?(?:and|&) ?(?:security|cookies?))? "
    r"(?:policy|notice|statement)(?:$|[ :(–—-])[\w.,'’&®™() -]{0,40}|privacy",
    re.IGNORECASE,
)
TERMS_NAME = re.compile(
    r"(?:[\w.,'’&®™ -]{0,60}\b)?(?:terms|conditions)(?: ?(?:and|&|of) ?(?:use|service|sale|conditions|business))+"
    r"(?:$|[ :(–—-])[\w.,'’&®™() -]{0,40}|(?:user|licen[cs]e|service) agreement|legal notices?|copyright policy",
    re.IGNORECASE,
)
# Headings of sections that mention the policy's name, or address some of its readers
SECTION_HEADING = re.compile(
    r"^\d|\b(terms used|nutshell|full|quick|glance|link|chang|updat|amend|modif|revis|contact|question|this|these|about|scope|accept|summary|introduct|how|what|why|when|who"
    r"|effective|other|complain|version|history|overview|agree|consent|your|regarding|concern|california|nevada|virginia"
    r"|colorado|texas|states?\b|e\.?u\b|eea|europe|uk\b|gdpr|ccpa|child|kids|coppa|residents|canad)",
    re.IGNORECASE,
)
# The names of privacy policies, and "personal data", in other languages
NON_ENGLISH_POLICY = re.compile(
    r"datenschutz|personenbezogen|confidentialité|vie privée|données (à caractère )?personnel|privacidad|datos personales"
    r"|privacidade|dados pessoais|informativa|riservatezza|dati personali|privacybeleid|privacyverklaring|persoonsgegevens"
    r"|integritetspolicy|personuppgifter|personvern|personopplysninger|privatlivspolitik|persondata|personoplysninger"
    r"|tietosuoja|henkilötieto|prywatności|danych osobowych|dane osobowe|osobních údajů|osobných údajov|adatvédelm"
    r"|személyes adat|confidențialitat|datelor (cu caracter )?personal|поверителност|лични данни|конфиденциальност"
    r"|персональны|конфіденційн|персональн|απορρήτου|προσωπικ\w+ δεδομέν|gizlilik|kişisel veri|kebijakan privasi|data pribadi"
    r"|chính sách (bảo mật|quyền riêng tư)|thông tin cá nhân|dades personals|privatumo|asmens duomen|isikuandme|privātum"
    r"|personas dat|zasebnost|osebni\w* podat|privatnost|osobni\w* podat|פרטיות|الخصوصية|البيانات الشخصية|حریم خصوصی"
    r"|隐私|隱私|个人信息|個人資料|プライバシー|個人情報|개인정보|गोपनीयता|ความเป็นส่วนตัว|ข้อมูลส่วนบุคคล",
    re.IGNORECASE,
)
