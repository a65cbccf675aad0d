"""Article 10: measures against cyber attacks, a file a paragraph, in the rule's order."""

from sekisho.rulebook.articles.article_10_cyber_attacks import (  # noqa: F401 - in the rule's order
    paragraph_1_defence_in_depth,
    paragraph_2_response,
    paragraph_3_vulnerabilities,
    paragraph_4_tests,
    paragraph_5_authentication,
    paragraph_6_fraud,
)
