"""Settings by concern; `local`, `test` and `production` compose them."""
