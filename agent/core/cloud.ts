export type Cloud = 'aws' | 'azure';
export type Labels = Readonly<Record<string, string>>;
