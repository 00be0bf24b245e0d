# make run: build and start the demo. make test: set up and run every test.
.PHONY: run build test rigs lives generate check setup

run: build
	bin/stepmill serve --demo --data stepmill-demo

build:
	go build -trimpath -o bin/stepmill ./cmd/stepmill

test: setup
	go test -race -shuffle=on -timeout 20m ./...
	cd web/e2e && go test -race -timeout 15m -count=1 ./...

# the crash rigs in their long form, an hour or so; its figures go into cmd/stepmill/rigs/README.md
rigs:
	STEPMILL_RIGS=long STEPMILL_REQUIRE_ALL=1 go test -count=1 -v -timeout 3h ./cmd/stepmill/rigs

# 1,000,000 lives of the simulator that nobody has seen, some twenty minutes on two cores
lives:
	STEPMILL_LIVES=1000000 go test -count=1 -v -timeout 3h -run TestLives ./engine/enginetest/sim

# what the tests need beyond Go: a browser, a spreadsheet and servers, from the system's packages
setup:
	.ci/setup

# what is made from templ, TypeScript and CSS, and committed
generate:
	cd web/build && npm ci --ignore-scripts --no-audit --no-fund && go run .

check:
	.ci/check
