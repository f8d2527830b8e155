"""Insight: what reads configurations, of several features at once: audit, unfold, diff."""
