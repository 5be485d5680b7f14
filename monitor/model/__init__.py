"""The values that flow from stage to stage, all frozen; reading them explains the product."""
