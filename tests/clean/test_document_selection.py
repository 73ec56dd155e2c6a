"""Which of several documents on one page is kept."""

import time

import pytest

from extractor.clean import clean, requested_document
from extractor.records import Capture, Snapshot, Source

TERMS_TITLE, POLICY_TITLE = "<h1>Terms of Use</h1>", "<h1>Privacy Policy</h1>"
TERMS = """<p>These terms form an agreement between you and the Mill Street Bakery. By placing an order you accept it,
and if you do not accept it you may not use this site. The agreement may be terminated by either side at any time.</p>
<p>All texts and pictures are protected by copyright and trademark law. We grant you a licence to print them for your
own use. You may not reproduce, sublicense or sell them, nor make derivative works, without our written permission.</p>
<p>The bread is sold without warranties of any kind. To the extent that the law permits we disclaim all warranties of
merchantability and fitness, and we are not liable for indirect or consequential damages, lost fees or lost payment.</p>
<p>You agree to indemnify the bakery against claims by others that arise from your conduct, from unlawful or defamatory
messages, or from any infringement of a trademark or a copyright. Disputes go to arbitration in the jurisdiction of our
county, whose law governs this agreement. If a clause is unenforceable it is severable, and no failure is a waiver.</p>
"""
POLICY = """<p>This policy tells you which personal information the Mill Street Bakery collects and what it does with it.
</p><h2>What we collect</h2><p>We collect your name, your address, your telephone number and your e-mail address when you
order bread. The server also records your IP address, and a cookie remembers your basket for two days.</p>
<h2>What we use it for</h2><p>We use personal information to bake what you ordered, to bring it to you and to send the
bill. We do not use it for marketing, and we do not track you on other sites or let advertisers track you here.</p>
<h2>Who sees it</h2><p>We disclose your address to the driver, and your card number to the bank. We do not sell personal
information to third parties. We may disclose personal information if a court tells us to do so.</p>
<h2>How long we keep it</h2><p>Bills are kept for ten years. All other personal information is deleted a month after the
last order, and your data never leaves the country that the bakery is in.</p>
<h2>Your rights</h2><p>You may see, correct or delete your personal information: write to us. You may opt out of the
newsletter at any time, and you can tell your browser to refuse every cookie that we or third parties set.</p>"""
KEPT_OF_POLICY, KEPT_OF_TERMS = ("telephone number", "see, correct or delete"), ("sublicense", "severable")
NOTE = "several documents, of which the privacy policy was kept"


def document(body: str, url: str = "", path: str = "", title: str = "Mill Street Bakery"):
    page = f"<html><head><title>{title}</title></head><body>{body}</body></html>"
    return clean(Snapshot(page.encode(), Capture("", "", url), Source(path)))


def holds(found, words) -> list[bool]:
    return [part in found.text for part in words]


TABS = "<ul class=tabs><li><a href='#a'>Privacy</a><li><a href='#b'>Terms</a></ul>"
LAYOUTS = {
    "terms-first": f"{TERMS_TITLE}{TERMS}{POLICY_TITLE}{POLICY}",
    "policy-first": f"{POLICY_TITLE}{POLICY}{TERMS_TITLE}{TERMS}",
    "policy-in-between": f"{TERMS_TITLE}{TERMS}{POLICY_TITLE}{POLICY}<h1>DMCA Policy</h1>{TERMS}",
    "bold-titles": f"<p><b>TERMS OF SERVICE</b></p>{TERMS}<p><b>PRIVACY STATEMENT</b></p>{POLICY}",
    "roman-numbers": f"<p>I. User Agreement</p>{TERMS}<p>II. Privacy Policy</p>{POLICY}",
    "policy-without-title": f"{POLICY}<h2>TERMS OF SERVICE &mdash; OVERVIEW</h2>{TERMS}",
    "tabs-without-titles": f"{TABS}<div><div id=a>{POLICY * 2}</div><div id=b>{TERMS * 2}</div></div>",
    "untitled-neighbour": f"<h2>Terms</h2>{TERMS}<h2>Privacy</h2>{POLICY.replace('h2', 'h3')}<h2>Customer</h2>{TERMS * 2}",
    "section-of-terms": f"{TERMS_TITLE}<h2>1. Use</h2>{TERMS}<h2>2. Personal data</h2>"
    f"{POLICY.replace('h2', 'h3')}<h2>3. Law</h2>{TERMS}",
    "end-user-licence": f"<h2>License Agreement</h2>{TERMS}<h2>Privacy Notice</h2>{POLICY.replace('h2', 'h3')}",
}


@pytest.mark.parametrize("url", ["https://bakery.example/privacy", "https://bakery.example/terms-of-use", ""])
@pytest.mark.parametrize("body", LAYOUTS.values(), ids=LAYOUTS)
def test_clean_page_of_terms_and_policy_keeps_the_policy_whatever_the_url(body, url):
    found = document(body, url)
    assert holds(found, KEPT_OF_POLICY) == [True, True]
    assert holds(found, KEPT_OF_TERMS) == [False, False]
    assert NOTE in " ".join(found.verdict.reasons)


@pytest.mark.parametrize("name", ["terms-first", "policy-first", "bold-titles"])
def test_clean_page_whose_file_is_named_after_the_terms_keeps_the_terms(name):
    found = document(LAYOUTS[name], path="bakery-terms-of-service.html")
    assert holds(found, KEPT_OF_TERMS) == [True, True]
    assert holds(found, KEPT_OF_POLICY) == [False, False]
    assert "the terms were kept" in " ".join(found.verdict.reasons)


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("", "privacy"),
        ("shop-terms-of-service-0", "terms"),
        ("pages/shop-conditions.html", "terms"),
        ("pages/tos.html", "terms"),
        ("pages/photos.html", "privacy"),
        ("pages/terms-and-privacy.html", "privacy"),
        ("http://shop.example/terms.html", "privacy"),
        ("https://shop.example/tos", "privacy"),
    ],
)
def test_requested_document_is_the_terms_if_a_file_is_named_so(address, kind):
    assert requested_document(address) == kind


WHOLE = {
    "policy": f"{POLICY_TITLE}{POLICY}",
    "terms": f"{TERMS_TITLE}{TERMS}",
    "terms-with-a-clause": f"{TERMS_TITLE}<h2>1. Use</h2>{TERMS * 4}<h2>2. Privacy</h2><p>Our use of personal information"
    f" is explained in the privacy policy, which is part of this agreement.</p><h2>3. Law</h2>{TERMS * 3}",
    "policy-with-law": f"{POLICY_TITLE}{POLICY}<h2>Disputes</h2><p>A dispute about this policy goes to arbitration. We"
    " are not liable for damages, and the law of our county governs this agreement.</p>",
    "policy-with-terms-of-use": f"{POLICY_TITLE}{POLICY}<h2>Terms of Use</h2><p>Our terms of use limit our liability"
    " for damages and say which law governs disputes about your personal information.</p>",
    "two-regions": f"{POLICY_TITLE}{POLICY}<h1>Privacy Notice for California</h1>{POLICY.replace('bread', 'cake')}",
    "two-services": f"<h1>Website Privacy Policy</h1>{POLICY}<h1>App Privacy Policy</h1>{POLICY.replace('bread', 'app')}",
}


@pytest.mark.parametrize("body", WHOLE.values(), ids=WHOLE)
@pytest.mark.parametrize("url", ["https://bakery.example/privacy", "https://bakery.example/terms"])
def test_clean_page_of_one_document_or_of_several_policies_is_kept_whole(body, url):
    found = document(body, url)
    words = " ".join(body.replace("<", " <").split())
    for part in (*KEPT_OF_POLICY, *KEPT_OF_TERMS, "app", "cake", "arbitration", "which is part of"):
        assert (part in found.text) == (part in words)
    assert "of which" not in " ".join(found.verdict.reasons)


def test_clean_page_whose_documents_cannot_be_told_apart_keeps_all_and_says_so():
    pairs = zip(TERMS.split("</p>"), POLICY.replace("h2>", "b>").split("</p>"), strict=False)
    mixed = "</p>".join(part for pair in pairs for part in pair)
    found = document(f"<h1>Terms of Service</h1>{mixed}</p><h1>Privacy Policy</h1>{mixed}</p>")
    assert holds(found, (KEPT_OF_POLICY[0], *KEPT_OF_TERMS)) == [True] * 3
    assert "could not be told apart" in " ".join(found.verdict.reasons)


SPANISH = """<h1>Política de privacidad</h1><p>Esta política explica qué datos personales recoge la panadería y qué hace
con ellos, y se aplica a todos los pedidos que usted hace en nuestra tienda o por teléfono.</p><p>Recogemos su nombre, su
dirección y el número de su tarjeta cuando usted hace un pedido. No vendemos los datos de nuestros clientes a terceros,
y los borramos un mes después del último pedido, con la excepción de las facturas que la ley nos obliga a guardar.</p>
<p>Usted puede ver y corregir sus datos o pedir que se borren: basta una carta a la dirección de la panadería.</p>"""
FRENCH = """<h1>Politique de confidentialité</h1><p>Cette politique explique quelles données la boulangerie recueille et
ce qu'elle en fait, pour toutes les commandes que vous passez dans notre magasin ou par téléphone.</p><p>Nous recueillons
votre nom, votre adresse et le numéro de la carte quand vous passez une commande. Nous ne vendons pas les données de nos
clients à des tiers, et nous les effaçons un mois après la dernière commande, sauf les factures que la loi nous oblige à
garder.</p><p>Vous pouvez voir et corriger vos données ou demander leur effacement par une lettre à la boulangerie.</p>"""
JAPANESE = (
    "<h1>プライバシーポリシー</h1>"
    + "<p>当店はご注文の際にお客様の氏名と住所を収集し、配達のために利用します。</p>" * 30
)


@pytest.mark.parametrize("other", [SPANISH, FRENCH, JAPANESE], ids=["es", "fr", "ja"])
@pytest.mark.parametrize("is_first", [True, False], ids=["before", "after"])
def test_clean_page_with_a_translation_keeps_english_and_says_so(other, is_first):
    english = f"<div lang=en>{POLICY_TITLE}{POLICY}</div>"
    found = document(f"<div>{other}</div>{english}" if is_first else f"{english}<div>{other}</div>")
    assert holds(found, KEPT_OF_POLICY) == [True, True]
    assert holds(found, ("panadería", "boulangerie", "収集")) == [False] * 3
    assert "several languages" in " ".join(found.verdict.reasons)


@pytest.mark.parametrize("other", [SPANISH, FRENCH, JAPANESE], ids=["es", "fr", "ja"])
def test_clean_page_in_another_language_is_kept(other):
    assert holds(document(f"{other}<p>Write to the bakery.</p>"), ("panadería", "boulangerie", "収集")).count(True) == 1


def test_clean_list_of_foreign_authorities_is_kept():
    offices = "".join(
        f"<li>Autorité de la protection des données, {number} rue de la Paix, Bruxelles: Bundesbeauftragter, Bonn</li>"
        for number in range(30)
    )
    assert "29 rue de la Paix" in document(f"{POLICY_TITLE}{POLICY}<h2>Authorities</h2><ul>{offices}</ul>").text


@pytest.mark.parametrize("heading", ["Prior Version", "Previous Privacy Policy (2009)", "Archived versions"])
def test_clean_earlier_version_below_the_policy_is_left_out_and_noted(heading):
    earlier = POLICY.replace("h2", "h3").replace("ten years", "thirty years") * 2
    found = document(f"{POLICY_TITLE}{POLICY}<h2>{heading}</h2>{earlier}<h2>Contact</h2><p>Ask for Mrs. Miller.</p>")
    assert holds(found, ("ten years", "thirty years", "Mrs. Miller")) == [True, False, True]
    assert "earlier version" in " ".join(found.verdict.reasons)


def test_clean_short_word_about_earlier_versions_stays():
    assert "ask for it" in document(f"{POLICY_TITLE}{POLICY}<h2>Previous version</h2><p>You may ask for it.</p>").text


@pytest.mark.parametrize("unit", ["<h1>Terms of Use</h1><p>warranty</p>", "<h2>Prior version</h2>", "<div><p>de la"])
def test_clean_page_of_many_titles_takes_linear_time(unit):
    seconds = []
    for count in (2_000, 8_000):
        start = time.process_time()
        document(POLICY + unit * count)
        seconds.append(time.process_time() - start)
    assert seconds[1] < 12 * seconds[0] + 0.5
