"""The plainest ways of saying each practice from 1999 to today: none of their labels should be missing.

Each sentence says its practices in the words that a reader would look for first, so a model that misses one of them is
wrong for anyone. Passages that take more reading are in `annotations/gold/wording.jsonl`.
"""

from functools import cache

import pytest

from extractor.label import load_model
from extractor.records import PRACTICES, Segment

PLAINEST = {
    "collection": """
        We collect your name and e-mail address when you register.
        When you visit our site, we collect your IP address and the type of your browser.
        Our web server logs the domain name of each visitor.
        We ask for your name, address and telephone number when you place an order.
        Personally identifiable information is collected only when you choose to give it to us.
        We use the information you provide to process your order and to contact you about it.
        We gather information about the pages you visit.
        Our site's registration form requires users to give us contact information, such as their name and e-mail address.
        The information we collect is used to improve the content of our Web page.
        We collect demographic information such as your age, gender and zip code.
        We do not collect any personal information from visitors to this site.
        We collect the serial number of your device and the version of its operating system.
        We may collect information about your location when you use our mobile application.
        When you contact our support team, we keep a record of your message.
        We receive information about you from other sources, such as social networks.
        We automatically record information about your use of the service, including the features you use.
        We collect payment information, such as your credit card number, when you make a purchase.
        We process your personal data in order to provide our services to you.
        We collect biometric information, such as your fingerprint or a scan of your face.
        We collect sensitive personal information, such as your health data and your precise geolocation.
        We use the personal data we collect to train our artificial intelligence models.
        We use your content to train our AI.
        We infer your interests from the videos you watch.
        The legal basis on which we process your personal data is your consent.
        In the preceding twelve months, we have collected identifiers and commercial information.
        Categories of personal information we collect: identifiers, internet activity, geolocation data.
        We record your voice when you use the voice assistant.
        We read the contacts on your phone if you give us permission.
        The app collects your contacts and your photos if you allow it.
        We store the information you enter in your profile.
        We track which links you click in our newsletters.
        We use session replay software to record how you move through our pages.
        """,
    "sharing": """
        Some companies that advertise here collect data about you directly.
        We may give your address to selected companies, so that they can send you their offers.
        Your personal information may be stored by a company that hosts our servers.
        We share your information with our partners.
        We do not sell, rent or share your personal information with third parties.
        Our mailing list is never rented.
        We do not sell our mailing list to anyone.
        We may make our customer list available to other reputable companies.
        We will not give your name or address to any other company.
        We provide aggregate statistics about our visitors to advertisers.
        We disclose personal information if we are required to do so by law.
        We may release account information when we believe release is appropriate to comply with law.
        We may transfer your information to the buyer if our company is sold or merged.
        We share your information with service providers who work on our behalf.
        We use an outside shipping company to ship orders and a credit card processing company to bill users.
        We never disclose your e-mail address to third parties.
        We may sell your personal information to third parties.
        We have not sold your personal information in the preceding twelve months.
        We disclose identifiers to advertising networks and data brokers.
        We share personal data with our affiliates and subsidiaries.
        We pass your address on to the courier.
        Your data may be disclosed to law enforcement agencies in response to a subpoena.
        Third-party advertisers may receive information about your use of our site.
        Other users can see your profile and your posts.
        Information that you post in our forums becomes public.
        We share your data with analytics providers such as those who measure our traffic.
        SDKs from third parties in our app collect your advertising identifier.
        Third parties collect information about you through our website.
        Our partners collect information about your visits with cookies.
        Google Analytics collects information about how visitors use our website.
        We share hashed e-mail addresses with social networks to show you advertisements there.
        The names of our subscribers are never given to anyone else.
        We may share your information with other members of our corporate group.
        We transfer personal data to processors in other countries.
        We do not share your data with anyone.
        """,
    "cookies": """
        Cookies do not contain your name.
        Most browsers accept cookies automatically.
        We analyze our traffic with cookies from Google Analytics.
        Our site uses magic cookies to keep track of your shopping basket.
        We use cookies.
        A cookie is a small file that our site places on your hard drive.
        We do not use cookies.
        This site does not set any cookies.
        You can set your browser to refuse cookies.
        Our advertisers may place cookies on your computer.
        We use clear GIFs to learn which e-mails have been opened.
        We use web beacons and pixel tags on our pages.
        Our e-mail messages contain tracking pixels.
        We use Flash cookies, which are also known as local shared objects.
        We use local storage to remember your settings.
        We use cookies and similar technologies to recognize you.
        We do not respond to Do Not Track signals.
        Our site does not respond to the Do Not Track setting of your browser.
        We use session cookies, which disappear when you close your browser.
        We use persistent cookies to keep you signed in.
        Third-party cookies are used to show you advertisements based on your interests.
        We use device fingerprinting to recognize your browser without cookies.
        Manage your cookie preferences in our cookie banner.
        Strictly necessary cookies cannot be switched off.
        We set analytics cookies only if you consent.
        We use tracking technologies to follow your activity across websites.
        You can opt out of interest-based advertising cookies at the website of the Digital Advertising Alliance.
        The tracking pixel of a social network tells it that you have visited our page.
        We use the Meta Pixel on our website.
        We place a unique identifier in a cookie on your computer.
        """,
    "rights": """
        You may opt out of receiving our newsletter at any time.
        To be removed from our mailing list, send an e-mail to us.
        If you no longer wish to receive our promotional mail, please let us know.
        You can unsubscribe by clicking on the link at the bottom of each e-mail.
        You can update or correct your information on your account page.
        You may ask us to delete your personal information.
        You can view and change the information in your profile.
        Users may opt out of having their information shared with third parties.
        You can delete your account in the settings.
        You can set your browser to refuse cookies.
        You have the right to access the personal data that we hold about you.
        You have the right to know what personal information we collect about you.
        You have the right to request that we delete your personal information.
        You have the right to data portability.
        You have the right to receive your personal data in a machine-readable format.
        You have the right to object to the processing of your personal data.
        You have the right to withdraw your consent at any time.
        You have the right to correct inaccurate personal information.
        You have the right to restrict the processing of your data.
        You have the right to opt out of the sale of your personal information.
        You can click on "Do Not Sell or Share My Personal Information" to opt out.
        You may limit the use of your sensitive personal information.
        You have the right not to be subject to decisions based solely on automated processing.
        California residents may request access to and deletion of their personal information.
        You can opt out of the use of your content to train our AI models.
        You may appeal our decision about your request.
        An authorized agent may make a request on your behalf.
        You can turn off location tracking in the settings of your device.
        You can choose not to give us your phone number.
        You can download a copy of your data.
        Parents may review the information we have collected from their child and ask us to delete it.
        We honor the Global Privacy Control signal of your browser as an opt-out of the sale of your information.
        You can object to direct marketing at any time.
        """,
    "children": """
        Our online store sells only to adults; children under 18 may shop with a parent.
        Parents can withdraw their consent and ask us to stop using their child's data.
        We do not knowingly collect personal information from children under 13.
        This site is not directed to children under the age of 13.
        We do not collect information from anyone under 13 without the consent of a parent.
        Children must ask their parents before they give us any information.
        Kids, get your mom or dad's permission before you send us your name.
        Parents may review the information we have collected from their child and ask us to delete it.
        We comply with the Children's Online Privacy Protection Act.
        If we learn that we have collected personal information from a child under 13, we will delete it.
        Our services are not intended for children.
        We do not knowingly sell the personal information of consumers under 16 years of age.
        Our service is not intended for anyone under the age of 16.
        We ask for the consent of a parent before we collect personal information from a child.
        We collect only the first name and age of children who play our games.
        If you are under 18, you may not use our services.
        If you are a parent and believe that your child has given us personal information, please contact us.
        Minors may not register.
        You must be at least 13 years old to create an account.
        We do not show targeted advertising to children.
        Teachers may create accounts for their pupils if the parents agree.
        Do you collect data from children? No.
        We share a child's information with nobody but the parents.
        We obtain verifiable parental consent before we collect data from children.
        """,
}
LEAST_SENTENCES = 150
KNOWN_MISSES = {  # rights stand between the strict majority of OPP-115 and the guidelines
    ("fast", "rights"): ["California residents may request access to and deletion of their personal information."],
}


def sentences(practice: str) -> list[str]:
    return [line.strip() for line in PLAINEST[practice].strip().splitlines()]


@cache
def missed(name: str, practice: str) -> list[str]:
    segments = [Segment(i, 0, len(text), text) for i, text in enumerate(sentences(practice))]
    labelled = load_model(name).label(segments)
    return [segment.text for segment in labelled if practice not in segment.practices]


@pytest.mark.parametrize("practice", PRACTICES)
@pytest.mark.parametrize("name", ["fast", "accurate"])
def test_no_practice_said_in_the_plainest_words_is_missed(name, practice):
    if name == "accurate":
        pytest.importorskip("onnxruntime")
        pytest.importorskip("tokenizers")
    assert missed(name, practice) == KNOWN_MISSES.get((name, practice), [])


def test_there_are_enough_sentences():
    assert len({text for practice in PRACTICES for text in sentences(practice)}) >= LEAST_SENTENCES
