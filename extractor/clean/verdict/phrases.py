"""Patterns of the phrases by which `faults`, `language` and `verdict` recognize kinds of pages."""

from __future__ import annotations

import re
from functools import cache


def find_phrase(phrases: str, text: str) -> re.Match[str] | None:
    """The first place in a text that a pattern of phrases matches, in any case.

    The patterns of this module without a flag are for this function. They are compiled when a page first needs them:
    all together take 17 ms, and most are only for pages with little text.
    """
    return _compile(phrases).search(text)


@cache
def _compile(phrases: str) -> re.Pattern[str]:
    """A pattern of phrases, compiled."""
    return re.compile(phrases, re.IGNORECASE)


# Phrases of pages that stand in for another page
_PAGE_NOUN = r"(page|file|document|url|address|link|article|content|resource|item|site|story|location)s?\b"
ERROR_PAGE_TITLE = (
    r"\b(404|410|error|oops|whoops|sorry)\b|(not|can.?t be|cannot be|couldn.?t be) found|no longer (available|exists)|missing page"
    r"|nicht gefunden|introuvable|no (se ha )?encontrad|non trovata|niet gevonden|não encontrad|nie znaleziono|не найден"
    r"|見つかりません|找不到|不存在"
)
ERROR_PAGE = (
    rf"{_PAGE_NOUN}[^.!?\n]{{0,90}}\b(can.?t|cannot|could ?n.?t|was ?n.?t|is ?n.?t|has ?n.?t|not|no longer|does ?n.?t)"
    rf"( currently| be| been| be currently)* (found|available|exists?|located|here|displayed)"
    rf"|{_PAGE_NOUN}[^.!?\n]{{0,60}}(has|have|may have|might have|was|were|been) (been )?(re)?(moved|removed|deleted|renamed|retired)"
    rf"|(can.?t|cannot|couldn.?t|could not|unable to|didn.?t) (seem to )?(find|locate|display)[^.!?\n]{{0,40}}{_PAGE_NOUN}"
    rf"|\b(http )?(error|status)\W{{0,3}}(code\W{{0,3}})?(404|410|500|502|503|504)\b|\b404\b|nothing (was |to be )?found"
    r"|(internal server|database|application|runtime|server) error|service (is )?(temporarily )?unavailable|bad gateway|gateway time-?out"
    r"|no longer (available|exists)|down for (scheduled )?maintenance|seite (wurde )?nicht gefunden|page introuvable"
    r"|página (que busca )?no (se ha )?encontrad|pagina non (è stata )?trovata|pagina (is )?niet gevonden|página não encontrada"
)
PARKED_DOMAIN = (
    r"\b(domain|website|web site|site|name)( name)?( is| may be| might be|) (now |currently )?(for sale|available for (purchase|sale)|parked)"
    r"|buy this (domain|website|name)|domain[^.!?\n]{0,60}(has|is|was) (been )?(expired|registered (at|by|for|with|through)|parked|reserved|suspended)"
    r"|sponsored (listings|links|results)[^.]{0,60}(third part|served|automatic)|(inquire|enquire|make an offer)[^.!?\n]{0,30}domain"
    r"|domain parking|parked (free|page|domain|by|courtesy)|related (searches|links)\b.{0,300}(privacy policy|domain|sponsored)"
    r"|(renew|purchase|acquire|get) this domain|future home of|this (web)?site is (coming soon|under construction)|under construction\b"
    r"|domain(e)? (steht|ist) (zum verkauf|zu verkaufen)|domaine est (à vendre|en vente)|dominio (está|è) (en|in) venta|domein (is )?te koop"
    r"|dominio en venta|(is|are) for sale[^.!?\n]{0,40}(domain|hugedomains|sedo|afternic|dan\.com)|(sedo|hugedomains|afternic|godaddy)\b[^.]{0,80}(domain|park)"
)
SERVER_PLACEHOLDER = (
    r"^(it works!|index of /|welcome to nginx|apache2? [\w ]{0,20}default page|iis windows|test page for)|default (web ?)?(site |server )?page"
    r"|account (for this (web ?site|domain) )?(has been|is) suspended|(web ?)?site (has been|is) (suspended|disabled|deactivated|closed)"
    r"|(successfully installed|web server is (running|working))|replace this (page|file)|no content has been (added|uploaded)"
)
ARCHIVE_NOTICE = (
    r"got an http \d{3} response at crawl time|redirecting to\.{3}|wayback machine (has not|hasn.t|doesn.t|does not) (archived?|have)"
    r"|hrm\. the wayback machine|page (is )?not available on the web|blocked by (the )?(site.s )?robots\.txt|this url has been excluded from the wayback"
    r"|loading\.{3}[^.]{0,80}impatient\?"
)
MOVED_PAGE = (
    r"(document|object|page|site|resource) (has )?(been )?(permanently |temporarily )?moved( permanently| temporarily)?( to)? ?(here\b|to\b|http)"
    r"|you (are being|will be|should be)( automatically)? (redirected|transferred|forwarded)|click here if (you are|your browser does) not"
)
LOGIN_WALL = (
    r"(log|sign)[ -]?(in|on)( or (register|sign up|join|create an account))? (to|below|with|using|here|now|required|is required)\b|please (log|sign)[ -]?(in|on)\b"
    r"|(must|need to|have to|required to) (be (logged|signed)|log|sign|register|authenticate|subscribe)|(session|login) (has )?(expired|timed out|ended)"
    r"|forg[eo]t(ten)? (your |my )?(password|user ?name)|members? only|(log|sign)[ -]?in\b.{0,80}\bpassword\b|\bpassword\b.{0,80}\b(log|sign)[ -]?in\b"
    r"|access (is |was |has been )?(denied|forbidden|restricted)|(403|401) (forbidden|unauthori[sz]ed)|not authori[sz]ed to (view|access)"
    r"|(do not|don.t) have (permission|access)|subscribe to (continue|read)|anmelden um|connectez-vous|inicie sesión"
)
ROBOT_CHECK = (
    r"checking (if the site connection|your browser|you are human)|verify(ing)?( that)? you are( a)? (not a )?(human|robot)|are you (a )?(human|robot)\b"
    r"|unusual (traffic|activity)|complete (the|a) (captcha|security check)|\bcaptcha\b|ddos protection|attention required|just a moment"
    r"|(enable|allow|turn on) cookies (and|to|in order|in your browser)|cookies (are|must be|need to be) (disabled|enabled|required)"
    r"|(request|you) (was|were|has been|have been|is) blocked|pardon our interruption|one more step|ray id"
)
AGE_OR_COUNTRY_WALL = (
    r"are you (over|at least|of legal|older than)|(enter|confirm) your (age|date of birth)|of legal (drinking )?age"
    r"|(not|un)available in your (country|region|location)|not available (in|to) (visitors|users|readers|people|most|the)[^.]{0,60}(europe|region|countr)"
)
JAVASCRIPT_REQUIRED = (
    r"(enable|activate|turn on|requires?|need|without|supports?|allow)[^.!?\n]{0,30}\bjavascript|javascript[^.!?\n]{0,60}(enabled?|required|disabled|turned (on|off)|must|needed)"
    r"|^(please wait|loading)\W*$"
)
CONSENT_BUTTONS = (
    r"accept (all|cookies|and (close|continue))|reject (all|cookies|non-essential)|allow all|decline all|(manage|cookie) (preferences|settings|choices)|got it|i (agree|accept|understand)"
    r"|\bok\b|before you continue|save (my )?(choices|preferences|settings)|consent (choices|preferences)|we value your privacy|confirm my choices"
)
COOKIE_MENTION = r"\bcookies?\b|our partners|before you continue"
LEGAL_LINK = r"privacy|cookie|terms|conditions|polic(y|ies)|notice|statement|agreement|guidelines|code of|disclaimer|imprint|copyright|dmca|gdpr|ccpa"

# What no policy says of itself: the whole of a page that stands in for the policy, whatever its title
SCRIPT_ERROR = (
    r"\b(warning|notice|fatal error|parse error|deprecated|strict standards)\W{1,3}[^\n]{1,300}? in [^\n]{1,200}? on line \W{0,3}\d"
    r"|\b(mysqli?|pg|mssql|oci|odbc|sqlite)_\w+\(|error establishing a database|database (connection )?(error|failed|failure|is down)"
    r"|(could ?n.?t|can ?not|can.?t|unable to|failed to) (connect|log ?in) to (the |a |our )?(local |remote )?(\w+ )?(database|mysql|sql server|db|server through socket)"
    r"|\bSQLSTATE\b|\b(ORA|SQL)-?\d{4,5}\b|SQL syntax|ODBC [\w ]{0,30}(driver|error)|microsoft (ole db|vbscript|jet database)|\bADODB\.|too many connections"
    r"|active server pages|error .?(ASP )?0x[0-9a-f]|\bASP 0\d{3}\b|server error in .{0,40} application|unhandled exception|stack trace\b|coldfusion|\bcfm? ?template"
    r"|\bat (java|javax|org|com|sun|system)\.[\w.$]+\(|\bjava\.\w+\.\w*exception|\bjava(x)?\.servlet|(jasper|servlet)exception|traceback \(most recent call"
    r"|template[^.\n]{0,80}not found|software error:|premature end of script|include_path|undefined (index|variable|function|method)|error occurred while (processing|evaluating)|unexpected error\b[^\n]{0,60}(try|contact|later)"
    r"|\[an error occurred while processing this directive\]|memory size of \d+ bytes|maximum execution time"
)
REGION_BLOCK = (
    r"\b451\b[^\n]{0,30}(unavailable|legal|error|http)|unavailable (for|due to) legal reasons"
    r"|(website|site|page|content|service|article|access)[^.!?\n]{0,80} (is|are) (currently |temporarily |unfortunately |presently )?(not available|un ?available|not accessible|blocked|restricted|prohibited)"
    r"[^.!?\n]{0,50} (in|to|from|for|within)\b[^.!?\n]{0,40}(region|countr|location|territor|europe|e\.?u\.?\b|eea|econom|united kingdom|jurisdiction)"
    r"|(region|countr|location|territor|europe|\bEU\b|\bEEA\b|economic area|gdpr)[^.!?\n]{0,160}(access|content|site|page|service)[^.!?\n]{0,40}(can ?not|can.?t|unable|not|denied|blocked|restricted)( currently)?( be)? ?(granted|available|provided|offered|permitted|allowed|displayed|accessed|shown)?"
    r" (at this time|from (your|this)|in (your|this))"
    r"|(not|un)available (in|to|from|for|within) (users |visitors |readers |people |customers |most )?(in |from )?(your|this|the|most|certain|some) (current |european )?(region|countr|location|area|e\.?u\.?\b|eea|union|economic)"
    r"|(block(ed|ing)?|restrict(ed|ing)?|den(y|ied|ying)|cannot (grant|provide|offer)|unable to (grant|provide|offer|serve|give))[^.!?\n]{0,60}(access|visitors|users|traffic|content|readers)[^.!?\n]{0,60}(europe|e\.?u\.?\b|eea|your (country|region|location)|gdpr)"
    r"|(visitors|users|readers|access|traffic|requests)[^.!?\n]{0,60}(from|in|within)[^.!?\n]{0,60}(europe|\beu\b|\beea\b|your (country|region))[^.!?\n]{0,40}(blocked|restricted|denied|not (permitted|allowed|supported))"
    r"|(are|is|you.re) (located )?in a (region|country|location|territory)\b|(not|un)able to (offer|provide|serve|make|grant|show|give)[^.!?\n]{0,60}(europe|e\.?u\.?\b|eea|your (country|region|location))"
    r"|geo.?(block|restrict)"
)
OLD_BROWSER = (
    r"browser[^.!?\n]{0,40}(is ?n.?t|is not|not|no longer|un|does ?n.?t|can.?t|cannot|is (too old|out of date|outdated|obsolete))[ -]?(currently )?(supported|supports? (frames|java|cookies|style|css|this|html|the)|compatible|display frames|too old)?"
    r"[^\n]{0,200}(upgrade|update|download|get|install|netscape|internet explorer|chrome|firefox|modern|newer|frames)"
    r"|(upgrade|update)[^.!?\n]{0,40} (your|to a|to the latest|to) ?[^.!?\n]{0,30}(browser|netscape|internet explorer|\bI\.?E\.?\b|firefox|chrome|version)"
    r"|(requires?|need|designed for|use|with|using) [^.!?\n]{0,60}(netscape|internet explorer|msie)[^.!?\n]{0,40}(\d|higher|later|above|or better)"
    r"|frames?[ -](capable|enabled|compatible|supporting)|(does ?n.?t|does not|not|cannot|can.?t) (support|display|handle|understand|show|view|read)[^.!?\n]{0,20} frames"
    r"|(page|site|document)[^.!?\n]{0,20} (uses|requires|needs|contains) (html )?frames|(requires?|need|install|get|download|upgrade)[^.!?\n]{0,40}(flash|shockwave|silverlight|java)[ -]?(player|plug|version|\d)"
    r"|(requires?|need|install)[^.!?\n]{0,30} plug-?in|use a (modern|newer|different|supported|recent|current) (web )?browser|(internet explorer|netscape|\bIE\b)[^.!?\n]{0,30}(no longer|not|un) ?supported"
)
COMING_SOON = (
    r"coming (very )?soon|under construction|(check|come) back (again )?(soon|later|shortly|for)|\bTB[AD]\b|to be (announced|determined|added|completed|posted|published|written)|work in progress"
    r"|(posted|published|added|available|updated|written|prepared|drafted|finali[sz]ed|uploaded|ready|developed|completed|revised|translated|here|up)( here| on this page)? (soon|shortly|later|in due course|in the near future)"
    r"|(soon|shortly) be (posted|published|added|available|updated|written|uploaded|ready)|(currently|still|now) (being )?(working on|writing|updating|preparing|drafting|written|updated|prepared|drafted|finali[sz]ed|revised|developed)"
    r"|(not|n.t) (yet )?(been )?(available|published|written|posted|ready|finished|added) yet|not yet (been )?(available|published|written|posted|ready|finished|added)"
)
PLACEHOLDER_TEXT = (
    r"lorem ipsum|dolor sit amet|consectetu\w+ adipi\w+|sed do eiusmod|ut labore et dolore"
    r"|(insert|add|paste|put|place|type|enter|write) (your |the |our )?([\w']+ ){0,4}(text|policy|statement|content|copy|description|information) (here|in this|below|to this)"
    r"|(policy|text|content|statement|copy|paragraph|words)( text| content)? (goes|go|will go|to go|should go) here|(this is|here is) (a |an |the |some )?(sample|example|dummy|placeholder|filler|default|demo) (page|text|content|paragraph|policy|copy)"
    r"|(sample|placeholder|dummy|filler|example) text\b|click (here )?to (edit|add|change)|(edit|replace|change|delete|overwrite) (this|the) (text|page|paragraph|content|block|copy|sample)|i.?m a paragraph"
)
UNFILLED_BLANK = (
    r"\[ ?(insert |your |enter |add |the |name of )?(company|business|website|web site|site|app|organi[sz]ation|owner|name|date|e-?mail|address|url|country|state)[\w '-]{0,30}\](?!\()"
    r"|<(your |insert )?(company|business|website|site) name>|\{\{[^{}\n]{1,80}\}\}|\{%[^{}\n]{1,80}%\}"
)
CODE_LINE = (
    r"[{}]\s*$|^\s*[{}]|^\s*(/[/*]|\*/|<[?%])|\bfunction\s*\w*\(|\bvar \w+ ?=|=>|\(\);|\"\s*:\s*[\"{\[\d]|\{[^{}\n]{0,300}[:;=][^{}\n]{0,300}\}"
    r"|^\s*[a-z-]+\s*:\s*[^;\n]{1,80};\s*$|^\s*[\w.$]+(\(.{0,80}\)|\s*=[^\n]{0,200});\s*$"
)
COPYRIGHT_LINE = r"©|\(c\) ?\d|copyright\b|all rights reserved|powered by"
CHOICE_REQUEST = (
    r"\b(select|choose|pick|click( on)?|change|find)\b( one of)?( (your|the|a|an|from|any|one|of|below|appropriate|relevant|applicable|correct|preferred|desired|following|current)){0,5}"
    r" (countr(y|ies)|regions?|locations?|languages?|states?|territor(y|ies)|jurisdictions?|residence|versions?|market|nation|continent|flag|brands?|entity|site|polic(y|ies)|notices?|documents?|statements?|products?|services?|links?|divisions?|business)\b"
    r"|(which|what) (country|region|language|version|state|policy|notice)\b|(country|region|language|location|version|policy|notice) (selector|selection|chooser)|where (do you live|are you (located|based|from))"
    r"|(polic(y|ies)|notices?|statements?|versions?|documents?) (that|which) appl(y|ies) to you|(previous|past|prior|archived?|earlier|older|historical|former|old|superseded) (versions?|polic(y|ies)|privacy|notices?|statements?)"
    r"|\b(wählen sie|choisissez|sélectionnez|seleccione|elija|scegli|selezion\w+|selecteer|kies)\b|(version|revision|policy) (history|archive)|(following|different|available|all|our) (languages|countries|regions|policies|notices|versions|statements)"
)
POLICY_MENTION = r"privacy|data protection|polic(y|ies)\b|statement|notice|datenschutz|confidentialit|privacidad|privacidade|riservatezza|informativa"
READING_REQUEST = (
    r"\b(click|tap|press|read|view|see|download|open|visit|available|find|found|located|access|go to|refer|consult|review|obtain|follow(ing)?|link|here|continue|get|moved|displayed|shown|full|complete"
    r"|hier|ici|aqu[ií]|qui|herunterladen|t[ée]l[ée]charger|descargar|scarica)\b"
)
# Sentences that state a practice; those that only say what the policy will tell are none
_DATA_NOUN = (
    r"information|data|details|cookies?|e-?mails?|address(es)?|names?|logs?|log files|numbers?|cards?|third|part(y|ies)|advertis\w+|anything|nothing|none|analytics|tracking|trackers|beacons|pixels"
    r"|statistics|records?|anyone|anybody|others|identif\w+|visitors?|usage|personal\w*|photos?|location|contacts|device|files?|what you|mailing list"
)
PRACTICE = (
    r"(?<!you )(?<!you may )(?<!how we )(?<!how )(?<!how to )\b(collect|gather|stor|record|retain|keep|kept|shar|sell|sold|rent|lend|trad|disclos|giv|pass|transfer|track|us|set|plac|process|delet|log|obtain|receiv|send|sent|encrypt|monitor|request|ask|acquir|captur|releas|reveal|distribut|combin|hold|held|remov|transmit|need|analy[sz])"
    rf"(e|es|ed|s|d|ing|ting|ted|ct)?\b[^.!?\n]{{0,80}}\b({_DATA_NOUN})\b"
    rf"|\b({_DATA_NOUN})\b[^.!?\n]{{0,80}}\b(is|are|was|were|be|been|being) ((not|never|only|also|then|automatically|securely) ){{0,2}}(collect|gather|stor|record|retain|kept|shar|sold|rent|lent|trad|disclos|given|pass|transfer|track|us|set|plac|process|delet|logg|obtain|receiv|sent|encrypt|held|remov|destroy|eras)(ed)?\b"
)
POLICY_PREVIEW = (
    r"(explain|describ|outlin|set(s)? out|detail|inform|tell|govern|cover|appl(y|ies)|disclos|understand|learn|know)(s|es|ing)?\b[^.!?\n]{0,60}\b(how|what|the (way|type|manner|practices|terms)|our (practices|polic|privacy|use))"
    r"|\b(how|what|why|when|which)\b [^.!?\n]{0,40}\b(we|information|data)\b[^.!?\n]{0,40}(collect|use|share|handle|protect|process|store)"
    r"|(policy|statement|notice)[^.!?\n]{0,60}(below|here|following link|pdf|appears|displayed|available|download|shown)|(below|click|read|view|see|download)[^.!?\n]{0,30}(policy|statement|notice|here)\b"
)
# Titles of pages that make privacy policies, and of articles about them
POLICY_TOOL_TITLE = (
    r"(polic(y|ies)|notices?|statements?)\b[^\n]{0,30}\b(generator|templates?|samples?|examples?|maker|builder|wizard|checklist|101)\b"
    r"|\b(generat|creat|writ|draft|mak)(e|ing|ion)\b[^\n]{0,30}\bprivacy (polic|notice|statement)|\b(sample|example|template|model)\b[^\n]{0,20}\bprivacy (polic|notice|statement)"
)
ARTICLE_TITLE = (
    r"^how (to|do|does|can|should)\b(?!.{0,30}\b(we|our|us)\b)[^\n]{0,60}(polic|notice|statement|gdpr|ccpa|privacy law)|^(what|why|when|do you|does your|do i|should)\b(?!.{0,40}\b(we|our|us)\b)[^\n]{0,60}\bprivacy (polic|notice|statement)"
    r"|\b(\d+|top|best|tips|steps|ways|guide|tutorial|checklist|examples?|mistakes|things)\b[^\n]{0,60}\bprivacy (polic|notice|statement)"
    r"|privacy (polic(y|ies)|notices?|statements?)[^\n]{0,30}\b(explained|tips|guide)\b"
    r"|\b(fine[sd]?|sue[sd]?|lawsuit|settle[sd]?|settlement|probe[sd]?|investigat\w+|accus\w+|slam\w*|critici[sz]\w+|regulator|watchdog|lawmakers?|senat\w+|congress|ftc|attorney general|court|judge|breach\w*|hack\w*|leak\w*|scandal|outrage|backlash|controvers\w+)\b"
    r"|\b(announces|launches|unveils|warns|says|reveals|rolls out|overhauls|revamps|tweaks|faces|changes|updates its|raises|urges|agrees to)\b"
)
BYLINE = re.compile(
    r"^\W{0,3}(?:By|by|BY)\b:? (?!The |Using |USING |Visiting )[A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*){1,4}(?:\W|$)"
    r"|^\W{0,3}(?:[Pp]osted|[Pp]ublished|[Ww]ritten|[Rr]eported|[Ff]iled)\b[^\n]{0,30}\b(?:by|on|in|at|under)\b [A-Z\d]"
    r"|\b(?:[Ss]taff [Ww]riter|[Cc]orrespondent|Associated Press|Reuters)\b|\b\d+ min(?:ute)?s? read\b"
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
