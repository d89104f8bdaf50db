const list = (words: string): ReadonlySet<string> => new Set(words.trim().split(/\s+/));

/** Words that PostgreSQL 18 refuses as the name of a table or column without quotes (manual, appendix C). */
export const sqlWords = list(`
  all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column
  concurrently constraint create cross current_catalog current_date current_role current_schema current_time
  current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze from
  full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit
  localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references
  returning right select session_user similar some symmetric system_user table tablesample then to trailing true union
  unique user using variadic verbose when where window with
  xmin xmax cmin cmax ctid tableoid oid values`);

/** Words that can't be the name of a variable in a strict TypeScript module, or would hide what the code needs. */
export const typescriptWords = list(`
  abstract any arguments as async await boolean break case catch class const continue debugger declare default delete do
  else enum eval export extends false finally for from function get if implements import in instanceof interface is
  keyof let module namespace never new null number object of package private protected public readonly return set
  static string super switch symbol this throw true try type typeof undefined unknown var void while with yield
  constructor prototype nan infinity globalthis json date math promise`);

/** Properties that every entity has, and query keys and local names that the templates use. */
export const takenFields = list(`
  id ownerId version createdAt updatedAt deletedAt owner q limit cursor sort include pattern names values query body
  user response request changes constructor prototype hasId save remove softRemove recover reload toString valueOf
  toJSON then length`);

/** Classes that templates import or that the language has: an entity can't have their names. */
export const takenClasses = list(`
  Body Controller Delete Get Headers HttpCode Param Patch Post Query Res Response Request Public Roles Module Injectable
  Check Column Entity ForeignKey Index Repository DataSource Not In Line Money Optional Paragraph Integer Decimal Flag Day
  Instant Uuid OneOf Lines Date Map Set Promise Record Partial Pick Omit Object Array String Number Boolean Symbol Error
  Function Math Proxy Reflect Intl Buffer Page`);
