package value

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// tokens are the parts of a form, longest first, with what Go calls them; those that Go has no name for are made by
// ownToken. They are those of Moment and Luxon where the two agree, and of either where only one has them.
func tokens() [][2]string {
	return [][2]string{{"YYYY", "2006"}, {"yyyy", "2006"}, {"MMMM", "January"}, {"dddd", "Monday"}, {"EEEE", "Monday"}, {"MMM", "Jan"}, {"ddd", "Mon"}, {"EEE", "Mon"}, {"SSS", ""},
		{"YY", "06"}, {"yy", "06"}, {"MM", "01"}, {"DD", "02"}, {"dd", "02"}, {"Do", ""}, {"HH", "15"}, {"hh", "03"}, {"mm", "04"}, {"ss", "05"}, {"ZZ", "-0700"}, {"WW", ""},
		{"M", "1"}, {"D", "2"}, {"d", "2"}, {"E", ""}, {"H", ""}, {"h", "3"}, {"m", "4"}, {"s", "5"}, {"A", "PM"}, {"a", "pm"}, {"Z", "-07:00"}, {"Q", ""}, {"W", ""}, {"X", ""}, {"x", ""}}
}

func ownToken(t time.Time, token string) string {
	_, week := t.ISOWeek()
	switch token {
	case "SSS":
		return t.Format(".000")[1:]
	case "Do":
		return ordinal(t.Day())
	case "E":
		return strconv.Itoa((int(t.Weekday())+6)%7 + 1)
	case "H":
		return strconv.Itoa(t.Hour())
	case "Q":
		return strconv.Itoa((int(t.Month())-1)/3 + 1)
	case "W":
		return strconv.Itoa(week)
	case "WW":
		return fmt.Sprintf("%02d", week)
	case "X":
		return strconv.FormatInt(t.Unix(), 10)
	case "x":
		return strconv.FormatInt(t.UnixMilli(), 10)
	}
	return token
}

func ordinal(n int) string {
	end := "th"
	if n < 11 || n > 13 {
		end = map[int]string{1: "st", 2: "nd", 3: "rd"}[n%10]
	}
	if end == "" {
		end = "th"
	}
	return strconv.Itoa(n) + end
}

// FormatDate writes a date by a form as DD.MM.YYYY HH:mm; text in [brackets] stays.
func FormatDate(t time.Time, form string) string {
	var b strings.Builder
	for form != "" {
		if end := strings.IndexByte(form, ']'); form[0] == '[' && end > 0 {
			b.WriteString(form[1:end])
			form = form[end+1:]
			continue
		}
		token := firstToken(form)
		switch {
		case token[0] == "":
			b.WriteByte(form[0])
			form = form[1:]
			continue
		case token[1] == "":
			b.WriteString(ownToken(t, token[0]))
		default:
			b.WriteString(t.Format(token[1]))
		}
		form = form[len(token[0]):]
	}
	return b.String()
}

func firstToken(form string) [2]string {
	for _, token := range tokens() {
		if strings.HasPrefix(form, token[0]) {
			return token
		}
	}
	return [2]string{}
}

// WrongToken is the first part of a form that is written as tokens are and is none, as DDDD; empty: there is none. Moment and Luxon
// mean different things by some of those.
func WrongToken(form string) string {
	known := tokens()
	for form != "" {
		if end := strings.IndexByte(form, ']'); form[0] == '[' && end > 0 {
			form = form[end+1:]
			continue
		}
		n := 1
		for n < len(form) && form[n] == form[0] {
			n++
		}
		part := form[:n]
		if form = form[n:]; part[0] == 'D' && strings.HasPrefix(form, "o") { // its last one is that of Do
			part, form = part[1:], form[1:]
		}
		begins := slices.ContainsFunc(known, func(t [2]string) bool { return part != "" && t[0][0] == part[0] })
		if begins && !slices.ContainsFunc(known, func(t [2]string) bool { return t[0] == part }) {
			return part
		}
	}
	return ""
}

// GoForm is a form as Go reads dates by it; false: dates cannot be read by it.
func GoForm(form string) (string, bool) {
	var b strings.Builder
	for form != "" {
		token := firstToken(form)
		end := strings.IndexByte(form, ']')
		switch {
		case form[0] == '[' && end > 0:
			b.WriteString(form[1:end])
			form = form[end+1:]
		case strings.HasPrefix(form, ".SSS"):
			b.WriteString(".000")
			form = form[4:]
		case token[0] == "H":
			b.WriteString("15")
			form = form[1:]
		case token[0] != "" && token[1] == "":
			return "", false
		case token[0] != "":
			b.WriteString(token[1])
			form = form[len(token[0]):]
		default:
			b.WriteByte(form[0])
			form = form[1:]
		}
	}
	return b.String(), true
}
