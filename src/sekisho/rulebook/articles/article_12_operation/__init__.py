"""Article 12: operation, a file a paragraph, in the rule's order."""

from sekisho.rulebook.articles.article_12_operation import (  # noqa: F401 - in the rule's order
    paragraph_1_monitoring,
    paragraph_2_whole_configuration,
    paragraph_3_configuration_policy,
    paragraph_4_configuration_as_it_is,
    paragraph_5_clouds_and_outsourcing,
    paragraph_6_effectiveness,
)
