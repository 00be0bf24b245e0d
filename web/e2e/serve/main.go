// Command serve shows every screen with sample data at an address: go run ./serve 127.0.0.1:8099.
package main

import (
	"log"
	"net/http"
	"os"
	"time"

	"github.com/stepmill/stepmill/web/e2e/gallery"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: serve HOST:PORT")
	}
	log.Fatal(http.ListenAndServe(os.Args[1], gallery.New(gallery.Options{Now: time.Now, Play: os.Getenv("PLAY") != "", Long: os.Getenv("LONG") != "", Pace: 600 * time.Millisecond})))
}
