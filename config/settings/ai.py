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

AI_CONNECT_SECONDS = env.float("AI_CONNECT_SECONDS", default=10.0)
AI_SILENCE_SECONDS = env.float("AI_SILENCE_SECONDS", default=90.0)
"""How long a provider may say nothing, at the start of its answer or within it."""
AI_CALL_SECONDS = env.float("AI_CALL_SECONDS", default=900.0)
AI_RETRY_SECONDS = env.float("AI_RETRY_SECONDS", default=1.0)
"""The first pause before a failed call is tried again; the next ones are longer."""
AI_FALLBACK_MODEL = env.str("AI_FALLBACK_MODEL", default="")
"""Which model answers where the chosen one does not, at the lower of both prices; empty for none."""

STREAMS_PER_USER = env.int("STREAMS_PER_USER", default=3)
"""How many live streams one user may have open at once."""
