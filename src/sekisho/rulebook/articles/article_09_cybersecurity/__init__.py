"""Article 9: cybersecurity management, a file a paragraph, and one an item of paragraph 3, in the rule's order."""

from sekisho.rulebook.articles.article_09_cybersecurity import (  # noqa: F401, I001 - in the rule's order
    paragraph_1_structure,
    paragraph_2_rules,
    paragraph_3_items,
    paragraph_3_1_watch,
    paragraph_3_2_reporting,
    paragraph_3_3_csirt,
    paragraph_3_4_gathering,
    paragraph_3_5_sharing,
    paragraph_3_6_people,
)
