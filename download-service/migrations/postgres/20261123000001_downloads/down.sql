DROP TABLE shares;
DROP TABLE usage;
DROP TABLE attempts;
DROP TABLE download_items;
DROP TABLE downloads;
