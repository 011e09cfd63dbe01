-- Rows that change in place keep room on their page, so that an update touches no index.
ALTER TABLE credits_wallet SET (fillfactor = 50);
ALTER TABLE credits_lot SET (fillfactor = 70);
