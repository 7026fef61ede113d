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
