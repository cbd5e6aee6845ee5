// ISO 4217: decimal places of the minor unit.

const TWO = `
  AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW
  CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HRK HTG HUF
  IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV
  MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD
  SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG ZWL
`;
const PLACES: ReadonlyMap<string, number> = new Map([
  ...list(TWO, 2),
  ...list("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF", 0),
  ...list("BHD IQD JOD KWD LYD OMR TND", 3),
  ...list("CLF UYW", 4),
]);

function list(codes: string, places: number): (readonly [string, number])[] {
  return codes
    .trim()
    .split(/\s+/)
    .map((code) => [code, places] as const);
}

/** Decimal places of the currency that `code` names in any case; null if ISO 4217 knows none, or no such currency. */
export const decimalPlaces = (code: string): number | null =>
  PLACES.get(code.toUpperCase()) ?? null;

/** The asset that counts the minor units of a currency: "EUR/2", "JPY". Null if ISO 4217 does not know it. */
export function assetOf(code: string): string | null {
  const places = decimalPlaces(code);
  if (places === null) return null;
  return places === 0 ? code.toUpperCase() : `${code.toUpperCase()}/${places}`;
}
