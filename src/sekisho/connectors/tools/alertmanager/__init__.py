"""Prometheus Alertmanager: its webhook, version "4".

The format: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
"""
