package core

import "github.com/stepmill/stepmill/actions"

// findable puts beside each step the other words by which people look for it.
func findable(list []actions.Action) []actions.Action {
	words := map[string]string{
		"set":          "variable edit fields assign",
		"log":          "debug print note",
		"respond":      "webhook reply return",
		"http_request": "rest api webhook curl graphql fetch download url soap",
		"merge":        "join combine lookup vlookup", "filter_list": "where search", "sort": "order", "limit": "first top", "unique": "deduplicate distinct",
		"aggregate": "collect array", "summarize": "group count sum average pivot", "compare_lists": "difference diff", "rename_fields": "map keys columns",
		"split_text": "explode separate", "match_text": "regex regexp regular expression replace find",
		"csv": "table comma semicolon tab", "xml": "soap", "yaml": "yml", "json": "parse stringify", "feed": "rss atom news blog",
		"html_extract": "scrape scraper css selector parse", "markdown": "html convert", "date": "time timezone format calendar",
		"crypto":    "hash hmac sha256 md5 sign signature jwt token password uuid base64 otp totp 2fa encrypt",
		"store_get": "database key value variable memory", "store_set": "database key value variable memory save", "store_increment": "counter number", "store_list": "database", "store_delete": "database remove",
		"dedupe": "duplicate once deduplicate", "lock": "mutex semaphore concurrency", "unlock": "mutex semaphore",
		"compress": "zip unzip tar gzip archive", "xlsx": "excel workbook spreadsheet xls", "text_file": "convert encoding charset base64 read write",
		"email_send": "e-mail mail smtp gmail outlook", "email_read": "e-mail mail imap gmail outlook inbox mailbox",
		"sftp": "ssh upload download server file", "ftp": "ftps upload download server file", "pdf_text": "extract parse document",
		"sql_query": "postgres postgresql mysql mariadb database", "sqlite_query": "sql database db",
	}
	for i, a := range list {
		list[i].Words = words[a.ID]
	}
	return list
}
