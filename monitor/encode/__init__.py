"""Vectors of meaning. In: texts of any language. Out: float32[n, d]. Never: a model in the service's own process."""
