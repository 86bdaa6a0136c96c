/** 1970 to 8999: before it there were no clouds, and after it a year has five digits in some time zone. */
const year = '(?:19[7-9][0-9]|[2-8][0-9]{3})';
const leapYear =
  '(?:19(?:7[26]|8[048]|9[26])|[2-8][0-9](?:0[48]|[2468][048]|[13579][26])|(?:[2468][048]|[357][26])00)';
const days = [
  `${year}-(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])`,
  `${year}-(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)`,
  `${year}-02-(?:0[1-9]|1[0-9]|2[0-8])`,
  `${leapYear}-02-29`,
];
const day = `(?:${days.join('|')})`;
const hour = '(?:[01][0-9]|2[0-3])';
const time = `${hour}:[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]{1,9})?)?`;
const zone = `(?:[Zz]|[+-]${hour}:?[0-5][0-9])`;
/** From 1973 on; a smaller number is more likely seconds, a year or a date without dashes. */
const epochMs = '0|[1-9][0-9]{11,13}';

/** How a moment may be written, all of it, as a regular expression that every dialect reads alike. */
export const instantPattern = `^(?:${day}(?:[Tt ]${time}${zone}?)?|${epochMs})$`;
