/** Money is an integer of minor units; the exponent says how many of its digits are after the point (JPY 0, RUB 2, KWD 3). */

/** Exact for every amount: the digits are placed as text, never divided. */
function decimalText(minor: number, exponent: number): `${number}` {
  const digits = String(Math.abs(minor)).padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent);
  const fraction = exponent > 0 ? `.${digits.slice(-exponent)}` : '';
  return `${minor < 0 ? '-' : ''}${whole}${fraction}` as `${number}`;
}

export function moneyFormat(currency: string, exponent: number): Intl.NumberFormatOptions {
  return { style: 'currency', currency, minimumFractionDigits: exponent, maximumFractionDigits: exponent };
}

export function formatMoney(minor: number, currency: string, exponent: number, locale: string, signed = false): string {
  return new Intl.NumberFormat(locale, {
    ...moneyFormat(currency, exponent),
    signDisplay: signed ? 'exceptZero' : 'auto',
  })
    .format(decimalText(minor, exponent))
    .replace('-', MINUS);
}

/** As wide as the plus, so that columns of signed amounts align. */
const MINUS = '\u2212';

/** Minor units of what was typed into a number field. */
export function toMinor(value: number, exponent: number): number {
  return Math.round(value * 10 ** exponent);
}
