"""Model providers: which keys there are, and where their servers stand."""

from config.settings.env import env, secret

ANTHROPIC_API_KEY = secret("ANTHROPIC_API_KEY")
OPENAI_API_KEY = secret("OPENAI_API_KEY")
GOOGLE_API_KEY = secret("GOOGLE_API_KEY")
ANTHROPIC_BASE_URL = env.str("ANTHROPIC_BASE_URL", default="")
OPENAI_BASE_URL = env.str("OPENAI_BASE_URL", default="")
GOOGLE_BASE_URL = env.str("GOOGLE_BASE_URL", default="")

HOUSE_WORDS_PER_SECOND = env.int("HOUSE_WORDS_PER_SECOND", default=120)
"""The pace at which the built-in analyst writes, so that a person can follow; 0 = as fast as it can."""
