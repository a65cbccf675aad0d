"""The words of a rule: Sigma 2.1 detections and correlations, and profiles."""

from sekisho.watch.language.rule_set import compile_rules
from sekisho.watch.language.yaml_nodes import BadRules, Problem, told

__all__ = ["BadRules", "Problem", "compile_rules", "told"]
