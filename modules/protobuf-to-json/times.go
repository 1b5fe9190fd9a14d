package main

import "strconv"

const (
	secondsOfDay  = 86_400
	nanosOfSecond = 1_000_000_000
	firstSecond   = -62_135_596_800 // 0001-01-01T00:00:00Z, in Unix time
	lastSecond    = 253_402_300_799 // 9999-12-31T23:59:59Z
	longestTime   = 315_576_000_000 // seconds of a Duration
)

// moment gives the seconds and nanoseconds of a Timestamp or a Duration.
func (r *reader) moment(of *message, number uint32) (seconds, nanos int64) {
	first, _ := r.part(of.fields[0], number)
	second, _ := r.part(of.fields[1], number)
	return int64(valueOf(first)), int64(valueOf(second))
}

// timestamp writes RFC 3339 in UTC.
func timestamp(r *reader, of *message, number uint32, _ int) bool {
	seconds, nanos := r.moment(of, number)
	if seconds < firstSecond || seconds > lastSecond || nanos < 0 || nanos >= nanosOfSecond {
		return r.fail(badValue, r.start)
	}
	since := seconds - firstSecond
	year, month, day := date(since / secondsOfDay)
	r.To = r.digits(append(r.To, '"'), year, 4)
	r.To = r.digits(append(r.To, '-'), month, 2)
	r.To = r.digits(append(r.To, '-'), day, 2)
	r.To = r.digits(append(r.To, 'T'), since%secondsOfDay/3600, 2)
	r.To = r.digits(append(r.To, ':'), since%3600/60, 2)
	r.To = r.digits(append(r.To, ':'), since%60, 2)
	r.fraction(nanos)
	r.To = append(r.To, 'Z', '"')
	return true
}

func duration(r *reader, of *message, number uint32, _ int) bool {
	seconds, nanos := r.moment(of, number)
	wrong := seconds < -longestTime || seconds > longestTime || nanos <= -nanosOfSecond || nanos >= nanosOfSecond
	if wrong || seconds > 0 && nanos < 0 || seconds < 0 && nanos > 0 {
		return r.fail(badValue, r.start)
	}
	r.To = append(r.To, '"')
	if seconds < 0 || nanos < 0 {
		r.To = append(r.To, '-')
		seconds, nanos = -seconds, -nanos
	}
	r.To = strconv.AppendInt(r.To, seconds, 10)
	r.fraction(nanos)
	r.To = append(r.To, 's', '"')
	return true
}

// fraction writes none, three, six or nine digits.
func (r *reader) fraction(nanos int64) {
	switch {
	case nanos == 0:
	case nanos%1_000_000 == 0:
		r.To = r.digits(append(r.To, '.'), nanos/1_000_000, 3)
	case nanos%1_000 == 0:
		r.To = r.digits(append(r.To, '.'), nanos/1_000, 6)
	default:
		r.To = r.digits(append(r.To, '.'), nanos, 9)
	}
}

// digits writes a number with zeros before it.
func (r *reader) digits(to []byte, number int64, count int) []byte {
	for range count {
		to = append(to, '0')
	}
	for at := len(to) - 1; number > 0; at-- {
		to[at] = byte('0' + number%10)
		number /= 10
	}
	return to
}

// date gives the day that comes so many days after 0001-01-01 in the Gregorian calendar.
func date(days int64) (year, month, day int64) {
	days += 306                               // from 0000-03-01 on, so that the day that a leap year has more is the last of its year
	era, within := days/146_097, days%146_097 // of 400 years
	years := (within - within/1_460 + within/36_524 - within/146_096) / 365
	dayOfYear := within - (365*years + years/4 - years/100)
	months := (5*dayOfYear + 2) / 153 // since March, of 30.6 days
	day = dayOfYear - (153*months+2)/5 + 1
	month = months + 3
	year = era*400 + years
	if month > 12 {
		month -= 12
		year++
	}
	return year, month, day
}
