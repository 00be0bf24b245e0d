package scenario

import "time"

// Planned says when a schedule fires, for people.
type Planned struct {
	Words  string         // "At 09:00 on Monday to Friday, Europe/Zurich"
	Zone   *time.Location // that its times are meant in
	Next   []time.Time    // the next times
	Choice *Choice        // as it would be chosen without writing cron; nil: it is none of the choices
}

// Choice is a schedule as people choose it, without writing cron.
type Choice struct {
	Kind string   `json:"kind" enum:"minutes,hours,daily,weekly,monthly"`
	N    int      `json:"n,omitempty" doc:"Of minutes and hours: every so many; it divides 60 or 24."`
	At   []string `json:"at,omitempty" doc:"Of the others: times of the day, as 09:00."`
	Days []string `json:"days,omitempty" doc:"Of weekly: monday and so on."`
	Day  int      `json:"day,omitempty" doc:"Of monthly: from 1 to 31; months that lack it are passed over."`
}
