import type { components } from './schema';

type Schemas = components['schemas'];

export type Account = Schemas['AccountRead'];
export type Entry = Schemas['EntryRead'];
export type Post = Schemas['PostSummary'];
export type Upload = Schemas['UploadRead'];
export type UploadProblem = Schemas['CellProblem'];
export type Dataset = Schemas['DatasetRead'];
export type Table = Dataset['tables'][number];
export type Column = Schemas['ColumnRead'];
export type Measure = Schemas['Measure'];
export type Query = Schemas['DatasetQuery'];
export type QueryResult = Schemas['QueryResult'];

export type Me = Schemas['Me'];
export type MeUpdate = Schemas['MeUpdate'];
export type AvatarType = Schemas['AvatarUpload']['content_type'];
export type TotpSecret = Schemas['TotpSecret'];
export type Passkey = Schemas['PasskeyRead'];
export type PersonalToken = Schemas['PersonalTokenRead'];
export type SignedIn = Schemas['SessionRead'];
export type Export = Schemas['ExportRead'];
