"""Article 11: planning and development, a file a paragraph, in the rule's order."""

from sekisho.rulebook.articles.article_11_planning_and_development import (  # noqa: F401 - in the rule's order
    paragraph_1_risks_and_investment,
    paragraph_2_development_plan,
    paragraph_3_stages,
    paragraph_4_progress,
    paragraph_5_tests,
    paragraph_6_records,
)
