"""Who: users, their preferences and the personas they write as."""
